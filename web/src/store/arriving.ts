// Files on their way to a draft. One reaches it wherever that is by then, also when the composer that it was given to
// is gone, and reaches nobody once somebody else is here.

import { signal } from "@preact/signals";

import type { Attached } from "../parts/attached";
import { drafts } from "./drafts";

export interface Arriving {
  readonly name: string;
  readonly draft: string;
}

/** A composer that is shown. */
interface Receiver {
  attach(file: Attached): void;
  /** One does not come after all. */
  miss(): void;
}

/** All that are on their way, in the order in which they were given. */
const all = signal<readonly { name: string; draft: string }[]>([]);
const receivers = new Map<string, Receiver>();

/** Names of the files that are on their way to a draft. */
export const arrivingAt = (draft: string) =>
  all.value.filter((it) => it.draft === draft).map((it) => it.name);

/** A file is on its way from now on. */
export function expect(name: string, draft: string): Arriving {
  const it = { name, draft };
  all.value = [...all.value, it];
  return it;
}

/** Puts a file where it is expected. Returns whether it still is. */
export function arrive(it: Arriving, file: Attached): boolean {
  if (!take(it)) return false;
  const receiver = receivers.get(it.draft);
  if (receiver) {
    receiver.attach(file);
  } else {
    const { text, files } = drafts.read(it.draft);
    drafts.write(it.draft, { text, files: [...files, file] });
  }
  return true;
}

/** Expects a file no longer. Returns whether it still was. */
export function miss(it: Arriving): boolean {
  if (!take(it)) return false;
  receivers.get(it.draft)?.miss();
  return true;
}

/** Expects nothing any longer: somebody else is here. */
export function missAll(): void {
  all.value = [];
}

/** Has a composer show a draft. Returns what ends that. */
export function receive(draft: string, receiver: Receiver): () => void {
  receivers.set(draft, receiver);
  return () => {
    if (receivers.get(draft) === receiver) receivers.delete(draft);
  };
}

function take(it: Arriving): boolean {
  const isExpected = all.value.includes(it);
  all.value = all.value.filter((other) => other !== it);
  return isExpected;
}

drafts.onMove = (from, to) => {
  for (const it of all.value) if (it.draft === from) it.draft = to;
  all.value = [...all.value];
};
