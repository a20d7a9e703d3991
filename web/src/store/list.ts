// The list of conversations: newest first, searched on the server, deleted with a moment to take it back.

import { signal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Listed } from "../api/types";
import { say } from "./notices";
import { words } from "../words/words";

export const list = signal<Listed[]>([]);
export const query = signal("");
export const listState = signal<"loading" | "ready" | "failed">("loading");
const cursor = signal<string | null>(null);
export const hasMore = () => cursor.value !== null;

/** Deleted in the page, and on the server when the notice has gone. */
const leaving = new Map<string, () => Promise<unknown>>();
let reading: AbortController | null = null;
/** What was searched for in the list that is shown. */
let shownFor: string | null = null;

const isShown = (it: Listed) => !leaving.has(it.id);

/** Reads the list anew. */
export async function readList(): Promise<void> {
  reading?.abort();
  const aborter = new AbortController();
  reading = aborter;
  const asked = query.value;
  try {
    const page = await api.conversations.list(asked, null, aborter.signal);
    const newest = page.conversations.filter(isShown);
    // What was read of older ones stays, unless something else is searched for.
    const ids = new Set(newest.map((it) => it.id));
    const oldest = newest.at(-1)?.updatedAt ?? "";
    const isMore = shownFor === asked && page.cursor !== null;
    const older = isMore ? list.value.filter((it) => !ids.has(it.id) && it.updatedAt <= oldest) : [];
    if (older.length === 0) cursor.value = page.cursor;
    list.value = [...newest, ...older];
    shownFor = asked;
    listState.value = "ready";
  } catch (error) {
    if (aborter.signal.aborted) return;
    if (!(error instanceof Problem)) throw error;
    listState.value = "failed";
  }
}

/** Reads the page behind the one that is there. */
export async function readMore(): Promise<void> {
  const from = cursor.value;
  if (from === null) return;
  reading?.abort();
  const aborter = new AbortController();
  reading = aborter;
  try {
    const page = await api.conversations.list(query.value, from, aborter.signal);
    cursor.value = page.cursor;
    const known = new Set(list.value.map((it) => it.id));
    list.value = [...list.value, ...page.conversations.filter((it) => isShown(it) && !known.has(it.id))];
    cursor.value = page.cursor;
  } catch (error) {
    if (aborter.signal.aborted) return;
    if (error instanceof Problem) report(error);
    else throw error;
  }
}

/** Somebody else is here. */
export function forgetList(): void {
  reading?.abort();
  list.value = [];
  query.value = "";
  cursor.value = null;
  shownFor = null;
  listState.value = "loading";
}

export async function rename(id: string, title: string): Promise<Listed | null> {
  try {
    const renamed = await api.conversations.rename(id, title);
    list.value = list.value.map((it) => (it.id === id ? renamed : it));
    return renamed;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    report(error);
    return null;
  }
}

/** Deletes a conversation, unless that is taken back while the notice is there. */
export function remove(listed: Listed, taken: { back: () => void }, isByKey: boolean): void {
  const before = list.value;
  const end = () => {
    hide();
    leaving.delete(listed.id);
    return api.conversations.remove(listed.id, true).catch((error: unknown) => {
      // What is gone already is what was wanted.
      if (error instanceof Problem && error.status !== 404) {
        report(error);
        void readList();
      }
    });
  };
  leaving.set(listed.id, end);
  list.value = before.filter(isShown);
  const hide = say(words.value.list.deleted(listed.title), {
    undo: {
      label: words.value.undo,
      takesFocus: isByKey,
      run: () => {
        hide();
        leaving.delete(listed.id);
        void readList();
        taken.back();
      },
    },
    after: () => void end(),
  });
}

/** Deletes what is only waiting to be: the page or the person goes away. */
export async function finishRemoving(): Promise<void> {
  await Promise.all([...leaving.values()].map((end) => end()));
}

/** Says what did not work. */
export function report(problem: Problem): void {
  say(words.value.problem(problem), { isProblem: true });
}
