// Keys that count anywhere on the page. `words.keys` lists them for people.

import { current, isListOpen, isNarrow, panel, show } from "../store/app";
import { undo } from "../store/notices";

/** Whether a key press belongs to what an input method is composing. Safari says so by its key code alone. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

const isMod = (event: KeyboardEvent) => event.ctrlKey || event.metaKey;

function isTyping(): boolean {
  const at = document.activeElement;
  return (
    at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement
  );
}

export function onKey(event: KeyboardEvent): void {
  if (isComposing(event) || event.defaultPrevented) return;
  const key = event.key;
  if (isMod(event) && event.shiftKey && key.toLowerCase() === "o") return act(event, () => show(null));
  if (isMod(event) && !event.shiftKey && key.toLowerCase() === "k") {
    return act(event, () => {
      isListOpen.value = isNarrow.value;
      queueMicrotask(() => document.getElementById("search")?.focus());
    });
  }
  if (key === "Escape" && panel.value === null) {
    if (isListOpen.value) return act(event, () => (isListOpen.value = false));
    if (current.value?.running.value) return act(event, () => void current.value?.stop());
    return;
  }
  if (isMod(event) && !event.shiftKey && key.toLowerCase() === "z" && !isTyping() && panel.value === null) {
    if (undo()) event.preventDefault();
    return;
  }
  if (isTyping() || isMod(event) || event.altKey || panel.value !== null) return;
  if (key === "/") return act(event, () => document.getElementById("question")?.focus());
  if (key === "?") return act(event, () => (panel.value = "keys"));
}

function act(event: KeyboardEvent, run: () => void): void {
  event.preventDefault();
  run();
}
