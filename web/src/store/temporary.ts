// Conversations that are in no list and soon gone: their id says so, to the Worker too.

import { signal } from "@preact/signals";

import { keep, kept } from "./storage";

/** What their ids begin with: `docs/guide/api.md`. */
export const TEMPORARY = "temporary.";

export const isTemporary = (conversation: string) => conversation.startsWith(TEMPORARY);

/** Whether what is asked on the empty page begins a temporary conversation. A reload keeps it, another tab has its own. */
export const isNextTemporary = signal(kept("tab-temporary", false));

export function beginTemporary(isOn: boolean): void {
  isNextTemporary.value = isOn;
  keep("tab-temporary", isOn || null);
}
