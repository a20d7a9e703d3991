// A question that is written anew: the one before stays, as another branch.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { words } from "../words/words";
import { bytesOf, MAX_BYTES } from "./attached";
import { isComposing } from "./shortcuts";

export function EditQuestion({ text, onDone }: { text: string; onDone: (edited: string | null) => void }) {
  const value = useSignal(text);
  const field = useRef<HTMLTextAreaElement>(null);
  const { log } = words.value;
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, []);
  const trimmed = value.value.trim();
  const isGood = trimmed !== "" && trimmed !== text && bytesOf(trimmed) <= MAX_BYTES;
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      onDone(null);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && isGood) {
      event.preventDefault();
      onDone(trimmed);
    }
  };
  return (
    <div class="edit">
      <textarea
        ref={field}
        dir="auto"
        aria-label={log.editLabel}
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="button-row">
        <button type="button" class="primary" disabled={!isGood} onClick={() => onDone(trimmed)}>
          {log.editSend}
        </button>
        <button type="button" class="plain" onClick={() => onDone(null)}>
          {words.value.cancel}
        </button>
      </div>
    </div>
  );
}
