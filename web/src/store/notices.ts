// Short sentences that the page says: what did not work, and what can be undone.

import { signal } from "@preact/signals";

export interface Undo {
  label: string;
  run: () => void;
  /** Whether its button takes the focus: who did by keyboard what it takes back has none any more. */
  takesFocus: boolean;
}

export interface Notice {
  id: number;
  text: string;
  isProblem: boolean;
  /** What taking it back is called, and does. */
  undo?: Undo;
}

const SHOWN_MS = 7_000;
/** What can be taken back stays for longer: it has to be found and reached first. */
const UNDO_MS = 20_000;
/** What a notice still has when nobody looks at it any more. */
const LEFT_MS = 5_000;

let count = 0;

export const notices = signal<Notice[]>([]);

/** What a screen reader says now; it is said once, and only this is. */
export const status = signal("");

/** Ends a notice by itself, or waits while somebody is at it. */
class Timer {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private since = 0;

  constructor(
    readonly end: () => void,
    private left: number,
  ) {
    this.go();
  }

  go(): void {
    this.hold();
    this.since = Date.now();
    this.timer = setTimeout(this.end, this.left);
  }

  hold(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.left = Math.max(LEFT_MS, this.left - (Date.now() - this.since));
  }
}

const timers = new Map<number, Timer>();

/** Shows a sentence for some seconds; returns how to take it away. `after` runs when it goes, unless that is how. */
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
  const end = () => {
    forget(id);
    of.after?.();
  };
  timers.set(id, new Timer(end, of.undo ? UNDO_MS : SHOWN_MS));
  return () => forget(id);
}

function forget(id: number): void {
  timers.get(id)?.hold();
  timers.delete(id);
  notices.value = notices.value.filter((it) => it.id !== id);
}

/** Takes a notice away now: whoever closes it has read it. */
export function dismiss(id: number): void {
  timers.get(id)?.end();
}

/** Lets a notice stay: somebody points at it, or is in it by keyboard. */
export function hold(id: number): void {
  timers.get(id)?.hold();
}

/** Lets it go on. */
export function release(id: number): void {
  timers.get(id)?.go();
}

/** Takes back the newest of what can be taken back. Returns whether there was any. */
export function undo(): boolean {
  const newest = notices.value.findLast((it) => it.undo);
  newest?.undo?.run();
  return newest !== undefined;
}
