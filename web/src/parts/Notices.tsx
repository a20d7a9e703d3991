// Sentences at the edge of the page that go by themselves.

import { dismiss, notices } from "../store/notices";
import { words } from "../words/words";
import { IconButton } from "./Icon";

export function Notices() {
  return (
    <div class="notices">
      {notices.value.map((notice) => (
        <div
          key={notice.id}
          class={`notice ${notice.isProblem ? "problem" : ""}`}
          role={notice.isProblem ? "alert" : "status"}
        >
          <span dir="auto">{notice.text}</span>
          {notice.undo && (
            <button type="button" class="quiet" onClick={notice.undo.run}>
              {notice.undo.label}
            </button>
          )}
          <IconButton icon="close" label={words.value.close} onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
