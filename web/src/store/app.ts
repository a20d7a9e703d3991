// What the page shows now, and the ways from one thing to the next. Everything else reads it from here.

import { computed, effect, signal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import { listenTo } from "../api/socket";
import type { Session } from "../api/types";
import { words } from "../words/words";
import { Conversation } from "./conversation";
import { drafts, NEW } from "./drafts";
import { finishRemoving, list, query, readList, report } from "./list";
import { status } from "./notices";
import { outbox } from "./outbox";
import { forgetPerson } from "./storage";

export type Panel = "sign-in" | "memory" | "settings" | "keys" | "share" | null;

/** Who uses the page; `null` until the Worker has said. */
export const session = signal<Session | null>(null);
/** Whether the Worker could not be asked who uses the page. */
export const isDown = signal(false);
/** Conversation that is shown; `null` for the empty page. */
export const current = signal<Conversation | null>(null);
export const panel = signal<Panel>(null);
export const isListOpen = signal(false);
export const isOnline = signal(navigator.onLine);

/** Whether questions may be asked now. */
export const mayAsk = computed(() => {
  const who = session.value;
  return who !== null && (who.who === "person" ? who.scopes.includes("chat") : who.isAnonymous);
});

const known = new Map<string, Conversation>();
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("miyabi");

/** What tabs of one browser tell each other. */
type Word = { type: "changed"; conversation: string } | { type: "session" };

function conversation(id: string): Conversation {
  const there = known.get(id);
  if (there) return there;
  const made = new Conversation(id, { changed, problem });
  known.set(id, made);
  return made;
}

let listing: ReturnType<typeof setTimeout> | null = null;

function changed(it: Conversation): void {
  if (listing === null) {
    listing = setTimeout(() => {
      listing = null;
      void readList().then(() => {
        const listed = list.value.find((one) => one.id === it.id);
        if (listed) it.title.value = listed.title;
      });
    }, 300);
  }
  tell({ type: "changed", conversation: it.id });
  const last = it.tree.last;
  if (it !== current.value || !last) return;
  const state = last.state.value;
  if (it.running.value === null && last.role === "assistant") {
    status.value =
      state === "done"
        ? words.value.status.done
        : state === "stopped"
          ? words.value.status.stopped
          : words.value.status.failed;
  }
}

function problem(it: Problem): void {
  if (it.status === 401) {
    void readSession();
    if (session.value?.who === "person") panel.value = "sign-in";
  }
  report(it);
}

function tell(word: Word): void {
  tabs?.postMessage(word);
}

/** Asks who uses the page. */
export async function readSession(): Promise<void> {
  try {
    session.value = await api.session.read();
    isDown.value = false;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    isDown.value = true;
  }
}

/** Signs in; throws a `Problem` where that fails. */
export async function signIn(by: { code: string } | { key: string }): Promise<void> {
  session.value = await api.session.signIn(by);
  panel.value = null;
  startAnew();
  tell({ type: "session" });
}

export async function signOut(everywhere: boolean): Promise<void> {
  try {
    await api.session.signOut(everywhere);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return report(error);
  }
  forgetPerson();
  startAnew();
  tell({ type: "session" });
  await readSession();
}

/** Nothing of who was here before is shown. */
function startAnew(): void {
  for (const it of known.values()) it.leave();
  known.clear();
  list.value = [];
  query.value = "";
  show(null);
  void readList();
}

/** Shows a conversation, or the empty page. */
export function show(id: string | null): void {
  isListOpen.value = false;
  const address = id === null ? "#/" : `#/c/${id}`;
  if (location.hash !== address) history.pushState(null, "", address);
  follow();
}

/** Shows what the address names. */
function follow(): void {
  const id = /^#\/c\/([A-Za-z0-9._-]{1,64})$/.exec(location.hash)?.[1] ?? null;
  if (id === (current.value?.id ?? null)) return;
  const next = id === null ? null : conversation(id);
  current.value = next;
  if (next && next.running.value === null) void next.open();
}

/** Asks a question, in the conversation that is shown or in a new one. */
export function ask(text: string): void {
  let at = current.value;
  if (!at) {
    at = conversation(crypto.randomUUID());
    drafts.forget(NEW);
    at.ask(text);
    show(at.id);
  } else {
    at.ask(text);
  }
  drafts.forget(at.id);
  status.value = words.value.status.writing;
}

/** Begins: reads who is here, sends what was not confirmed, and listens to the browser and the other tabs. */
export async function begin(): Promise<void> {
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  addEventListener("pagehide", finishRemoving);
  addEventListener("online", () => {
    isOnline.value = true;
    wake();
  });
  addEventListener("offline", () => (isOnline.value = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  tabs?.addEventListener("message", ({ data }: MessageEvent<Word>) => hear(data));
  effect(() => {
    // A socket takes a person; it is opened once the conversation is there.
    const at = current.value;
    if (at === null || session.value?.who !== "person" || at.load.value !== "ready" || at.title.value === "")
      return;
    return listenTo(at.id, () => at.running.value === null && void at.open());
  });
  effect(() => {
    document.title = current.value?.title.value ? `${current.value.title.value} · Miyabi` : "Miyabi";
  });
  await readSession();
  if (mayAsk.value) sendKept();
  follow();
  if (session.value?.who !== "nobody" || session.value.isAnonymous) await readList();
}

function sendKept(): void {
  const { fresh, old } = outbox.take(Date.now());
  for (const question of fresh) {
    const at = conversation(question.conversation);
    void at.open().then(() => at.sendAgain(question));
  }
  for (const { conversation: id, text, key } of old) {
    if (drafts.read(id).text === "") drafts.write(id, { text, files: [] });
    outbox.remove(key);
  }
}

let looked = 0;

/** The page is seen again, or the line is back: what happened meanwhile is read. */
function wake(): void {
  const at = current.value;
  at?.wake();
  if (session.value === null || isDown.value) void readSession();
  if (Date.now() - looked < 5_000) return;
  looked = Date.now();
  if (at && at.running.value === null && at.load.value !== "new") void at.open();
  if (session.value && session.value.who !== "nobody") void readList();
}

function hear(word: Word): void {
  if (word.type === "session") {
    location.reload();
    return;
  }
  void readList();
  const at = known.get(word.conversation);
  if (at && at.running.value === null && at.load.value === "ready") void at.open();
}
