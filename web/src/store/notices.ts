// Short sentences that the page says: what did not work, and what can be undone.

import { signal } from "@preact/signals";

export interface Notice {
  id: number;
  text: string;
  isProblem: boolean;
  /** What taking it back is called, and does. */
  undo?: { label: string; run: () => void };
}

const SHOWN_MS = 7_000;

let count = 0;

export const notices = signal<Notice[]>([]);

/** What a screen reader says now; it is said once, and only this is. */
export const status = signal("");

/** Shows a sentence for some seconds; returns how to take it away. `after` runs when it goes by itself. */
export function say(
  text: string,
  of: { isProblem?: boolean; undo?: Notice["undo"]; after?: () => void } = {},
): () => void {
  const id = (count += 1);
  const notice: Notice = {
    id,
    text,
    isProblem: of.isProblem ?? false,
    ...(of.undo ? { undo: of.undo } : {}),
  };
  notices.value = [...notices.value.filter((it) => it.text !== text || it.undo), notice];
  const timer = setTimeout(() => {
    dismiss(id);
    of.after?.();
  }, SHOWN_MS);
  return () => {
    clearTimeout(timer);
    dismiss(id);
  };
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((it) => it.id !== id);
}
