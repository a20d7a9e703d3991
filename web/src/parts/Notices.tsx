// Sentences at the edge of the page that go by themselves, but not while somebody is at them.

import { useLayoutEffect, useRef } from "preact/hooks";

import { dismiss, hold, notices, release, type Undo } from "../store/notices";
import { words } from "../words/words";
import { focusList } from "./focus";
import { IconButton } from "./Icon";

export function Notices() {
  const whole = useRef<HTMLDivElement>(null);
  const all = notices.value;
  // What is shown now is there until this is drawn.
  const hadFocus = whole.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    // The button that had the focus has gone with its notice.
    if (hadFocus && document.activeElement === document.body) focusList();
  }, [all]);
  return (
    <div class="notices" ref={whole}>
      {all.map((notice) => (
        <div
          key={notice.id}
          class={`notice ${notice.isProblem ? "problem" : ""}`}
          role={notice.isProblem ? "alert" : "status"}
          onPointerEnter={() => hold(notice.id)}
          onPointerLeave={(event) =>
            !event.currentTarget.contains(document.activeElement) && release(notice.id)
          }
          onFocusIn={() => hold(notice.id)}
          onFocusOut={(event) => !event.currentTarget.matches(":hover") && release(notice.id)}
        >
          <span dir="auto">{notice.text}</span>
          {notice.undo && <UndoButton {...notice.undo} />}
          <IconButton icon="close" label={words.value.close} onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}

function UndoButton({ label, run, takesFocus }: Undo) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (takesFocus) button.current?.focus();
  }, []);
  const press = () => {
    const hadFocus = document.activeElement === button.current;
    run();
    // Before anything is drawn: what comes back may take the focus from there, and from a notice nobody takes it.
    if (hadFocus) focusList();
  };
  return (
    <button type="button" class="quiet" data-does="undo" ref={button} onClick={press}>
      {label}
    </button>
  );
}
