// What the page shows now, and the ways from one thing to the next. Everything else reads it from here.

import { computed, effect, signal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import { listenTo } from "../api/socket";
import type { Kept, Session } from "../api/types";
import { words } from "../words/words";
import { missAll } from "./arriving";
import { Conversation } from "./conversation";
import { adopt, drafts, holdDraft, NEW, NEW_TEMPORARY } from "./drafts";
import { finishRemoving, forgetList, list, listState, readList, report } from "./list";
import { notices, status } from "./notices";
import { outbox } from "./outbox";
import { belongTo, forgetPerson } from "./storage";
import { beginTemporary, isNextTemporary, isTemporary, TEMPORARY } from "./temporary";
import { backoff } from "./wait";
import { stopReading } from "../parts/speech";

export type Panel = "sign-in" | "memory" | "settings" | "keys" | "share" | null;

/** Who uses the page; `null` until the Worker has said. */
export const session = signal<Session | null>(null);
/** Whether the Worker could not be asked who uses the page. */
export const isDown = signal(false);
/** Why nobody is known by what Cloudflare Access says; blank where that is not so. */
export const doubt = signal("");
/** Whether Cloudflare Access has signed in who is here, and signs them out. */
export const isByAccess = computed(() => session.value?.signIn.includes("access") ?? false);
/** Conversation that is shown; `null` for the empty page. */
export const current = signal<Conversation | null>(null);
export const panel = signal<Panel>(null);
export const isListOpen = signal(false);
export const isOnline = signal(navigator.onLine);

/** The width below which the list lies above the page: `style/base.css` has the same. */
const narrow = matchMedia("(max-width: 52rem)");
export const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", () => (isNarrow.value = narrow.matches));
/** Whether the list lies above the page, which cannot be used meanwhile. */
export const isCovered = computed(() => isListOpen.value && isNarrow.value);

/** Counts up whenever somebody else is here: nothing on the page outlives that. */
export const generation = signal(0);

/** Whether questions may be asked now. A visitor is somebody once the Worker has given them a cookie. */
export const mayAsk = computed(() => {
  const who = session.value;
  return who?.who === "visitor" || (who?.who === "person" && who.scopes.includes("chat"));
});

/** Whether the page is only waiting for a visitor's cookie. */
export const isArriving = computed(() => {
  const who = session.value;
  return who !== null && who.who === "nobody" && who.isAnonymous && listState.value !== "failed";
});

/** Whether it is not known yet whether questions may be asked: what is sent waits for that. */
export const isWaiting = computed(() => session.value === null || isArriving.value);

/** Waits until that is known. */
export function arrival(): Promise<void> {
  return new Promise((known) => {
    const stop = effect(() => {
      if (!isWaiting.value) queueMicrotask(() => (stop(), known()));
    });
  });
}

const known = new Map<string, Conversation>();
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("miyabi");

/** What tabs of one browser tell each other. */
type Word = { type: "changed"; conversation: string } | { type: "session" };

function conversation(id: string): Conversation {
  const there = known.get(id);
  if (there) return there;
  const made = new Conversation(id, { begun, changed, problem });
  known.set(id, made);
  return made;
}

let listing: ReturnType<typeof setTimeout> | null = null;

function begun(it: Conversation): void {
  // A conversation that begins with this question is shown a moment later.
  const isShown = current.value === null || it === current.value;
  if (isShown) status.value = words.value.status.writing;
}

function changed(it: Conversation): void {
  if (!isTemporary(it.id)) tellOthers(it);
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

/** The list has another order, and other tabs have something to read. */
function tellOthers(it: Conversation): void {
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
}

function problem(it: Problem): void {
  if (it.status === 401) {
    void readSession();
    if (it.code !== "invalid_assertion" && session.value?.who === "person") panel.value = "sign-in";
  }
  report(it);
}

function tell(word: Word): void {
  tabs?.postMessage(word);
}

let retrying: ReturnType<typeof setTimeout> | undefined;
const RETRY_MS = 4_000;

/** Asks who uses the page, and again for as long as the Worker cannot be reached. */
export async function readSession(): Promise<void> {
  clearTimeout(retrying);
  try {
    await take(await api.session.read());
    isDown.value = false;
    doubt.value = "";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    doubt.value = error.code === "invalid_assertion" ? error.detail : "";
    isDown.value = session.value === null;
    if (isDown.value) retrying = setTimeout(() => void readSession(), RETRY_MS);
  }
}

/** Somebody is here: what was theirs is shown and sent, and nothing of anybody else. */
async function take(now: Session): Promise<void> {
  const before = session.value;
  const owner = now.owner ?? "";
  const isSame = before !== null && (before.owner ?? "") === owner;
  const wasNobody = before === null || before.who === "nobody";
  const isCarried = before !== null && (wasNobody || (before.who === "visitor" && now.who === "person"));
  session.value = now;
  if (isSame) return;
  if (belongTo(owner, isCarried)) generation.value += 1;
  if (before !== null && !wasNobody) leaveAll();
  void adopt().then((isFound) => isFound && (generation.value += 1));
  if (now.who === "nobody" && !now.isAnonymous) return;
  await readList();
  // The first look at the list makes a visitor of who is nobody; a second look at the same time would make another.
  if (now.who === "nobody") return take(await api.session.read());
  sendKept();
  follow();
}

/** Signs in; throws a `Problem` where that fails. What is shown stays in the address. */
export async function signIn(by: { code: string } | { key: string }): Promise<void> {
  await finishRemoving();
  await take(await api.session.signIn(by));
  panel.value = null;
  tell({ type: "session" });
}

/** Signs out at Access, which leads away from the page. */
export async function signOutOfAccess(): Promise<void> {
  await finishRemoving();
  forgetPerson();
  location.assign("/cdn-cgi/access/logout");
}

export async function signOut(everywhere: boolean): Promise<void> {
  await finishRemoving();
  try {
    await api.session.signOut(everywhere);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return report(error);
  }
  forgetPerson();
  leaveAll();
  session.value = null;
  show(null);
  tell({ type: "session" });
  await readSession();
}

/** Nothing of who was here before is shown, said or sent. */
function leaveAll(): void {
  missAll();
  for (const it of known.values()) it.leave();
  known.clear();
  forgetList();
  current.value = null;
  notices.value = [];
  status.value = "";
  stopReading();
  generation.value += 1;
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
  if (next) beginTemporary(false);
  if (!next || next.running.value !== null) return;
  void next.open().then(() => {
    // What was typed in one that is not there any more is not lost.
    if (next.load.value === "gone") drafts.move(next.id, isTemporary(next.id) ? NEW_TEMPORARY : NEW);
  });
}

/** Where what is typed on the empty page is kept. */
export const newDraft = computed(() => (isNextTemporary.value ? NEW_TEMPORARY : NEW));

/** Has the next conversation be a temporary one, or not; what was typed comes along. */
export function switchTemporary(): void {
  const from = newDraft.value;
  beginTemporary(!isNextTemporary.value);
  drafts.move(from, newDraft.value);
}

/** Asks a question, in the conversation that is shown or in a new one. */
export function ask(text: string, files: readonly Kept[] = []): void {
  const id = (isNextTemporary.value ? TEMPORARY : "") + crypto.randomUUID();
  const at = current.value ?? conversation(id);
  if (!at.ask(text, null, files)) return;
  drafts.forget(current.value === null ? newDraft.value : at.id);
  show(at.id);
}

/** Begins: reads who is here, sends what was not confirmed, and listens to the browser and the other tabs. */
export async function begin(): Promise<void> {
  holdDraft();
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  addEventListener("pagehide", () => void finishRemoving());
  addEventListener("online", () => {
    isOnline.value = true;
    wake();
  });
  addEventListener("offline", () => (isOnline.value = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  tabs?.addEventListener("message", ({ data }: MessageEvent<Word>) => hear(data));
  // A socket takes a person with a key, and a conversation that the server has. It stays open when either changes its name.
  const heard = computed(() => {
    const at = current.value;
    const isThere = at !== null && at.load.value === "ready" && at.title.value !== "";
    return isThere && session.value?.who === "person" && !isByAccess.value ? at : null;
  });
  effect(() => {
    const at = heard.value;
    return at === null ? undefined : listenTo(at.id, () => at.running.value === null && void at.open());
  });
  effect(() => {
    document.title = current.value?.title.value ? `${current.value.title.value} · Miyabi` : "Miyabi";
  });
  await readSession();
}

function sendKept(): void {
  // What this page has asked meanwhile it sends, and shows as refused, by itself.
  const isOfBefore = (it: api.Question) => !known.get(it.conversation)?.hasSent(it.key);
  const { fresh, old } = outbox.take(Date.now());
  for (const question of fresh.filter(isOfBefore)) {
    const at = conversation(question.conversation);
    void at.open().then(() => at.sendAgain(question));
  }
  for (const question of old.filter(isOfBefore)) {
    outbox.remove(question.key);
    putBack(question);
  }
}

/** Puts a question that was not sent back where it was typed, behind what is there. */
function putBack({ conversation: id, text, files = [], parent, replaces, again }: api.Question): void {
  // The first question of a conversation that the server never had is typed on the empty page.
  const isFirst = parent === undefined && replaces === undefined && again === undefined;
  const place = !isFirst ? id : isTemporary(id) ? NEW_TEMPORARY : NEW;
  const { text: there, files: kept } = drafts.read(place);
  drafts.write(place, { text: there === "" ? text : `${there}\n\n${text}`, files: [...kept, ...files] });
  generation.value += 1;
}

let looked = 0;

/** The page is seen again, or the line is back: what happened meanwhile is read. */
function wake(): void {
  const at = current.value;
  backoff.wake();
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
