// The routes of the chat that the page uses, one function each.

import { call, type Options, send } from "./http";
import { chunks } from "./stream";
import type { Chunk, Kept, Listed, Memory, Read, Session, Share, TurnDetails, Usage } from "./types";

const at = (id: string) => `/api/conversations/${encodeURIComponent(id)}`;

export const session = {
  read: () => call<Session>("GET", "/api/session"),
  signIn: (body: { code: string } | { key: string }) => call<Session>("POST", "/api/session", { body }),
  signOut: (everywhere: boolean) =>
    call<null>("DELETE", everywhere ? "/api/session?everywhere=true" : "/api/session"),
};

export const conversations = {
  list: (query: string, cursor: string | null, signal?: AbortSignal) => {
    const search = new URLSearchParams();
    if (query) search.set("q", query);
    if (cursor) search.set("cursor", cursor);
    const path = `/api/conversations?${search}`;
    return call<{ conversations: Listed[]; cursor: string | null }>("GET", path, signal ? { signal } : {});
  },
  read: (id: string, cursor: string | null = null) =>
    call<Read>("GET", cursor === null ? at(id) : `${at(id)}?cursor=${encodeURIComponent(cursor)}`),
  rename: (id: string, title: string) => call<Listed>("PATCH", at(id), { body: { title } }),
  remove: (id: string, keepalive = false) => call<null>("DELETE", at(id), { keepalive }),
  share: (id: string) => call<Share>("POST", `${at(id)}/share`, { body: {} }),
  unshare: (id: string) => call<null>("DELETE", `${at(id)}/share`),
  exportUrl: (id: string, format: "json" | "markdown") => `${at(id)}/export?format=${format}`,
  details: (id: string, turn: string) =>
    call<TurnDetails>("GET", `${at(id)}/turns/${encodeURIComponent(turn)}`),
};

export const memory = {
  read: () => call<Memory>("GET", "/api/memory"),
  turn: (isOn: boolean) => call<Memory>("PATCH", "/api/memory", { body: { isOn } }),
  forget: (id: string) => call<null>("DELETE", `/api/memory/${encodeURIComponent(id)}`),
  forgetAll: () => call<null>("DELETE", "/api/memory"),
};

export const files = {
  send: (name: string, file: Blob) =>
    call<Kept>("POST", `/api/files?name=${encodeURIComponent(name)}`, { file }),
  at: (id: string) => `/api/files/${id}`,
  /** Deletes a file, unless a question has it by now. */
  discard: (id: string) => call<void>("DELETE", `/api/files/${id}?unasked=true`),
};

export const usage = { read: () => call<Usage>("GET", "/api/usage") };

/** A question in the form of AI SDK. The same one twice is one turn, by its key. */
export interface Question {
  conversation: string;
  /** Makes repeats the same submission. */
  key: string;
  /** Page's id of the question's message. */
  message: string;
  text: string;
  /** Files that come with it. */
  files?: Kept[];
  /** Id of the message that it follows: the end of the branch that is shown. */
  parent?: string;
  /** Id of the message that this takes the place of. */
  replaces?: string;
  /** Id of the answer, or of the question without one, that is to be answered once more. */
  again?: string;
}

/** Asks, and returns the chunks of the answer. Throws a `Problem` where nothing was asked. */
export async function ask(question: Question, signal: AbortSignal): Promise<AsyncIterable<Chunk>> {
  const { conversation, key, message, text, parent, replaces, again } = question;
  const parts = [
    { type: "text", text },
    ...(question.files ?? []).map((it) => ({
      type: "file",
      mediaType: it.type,
      filename: it.name,
      url: files.at(it.id),
    })),
  ];
  const body = {
    id: conversation,
    messages: [{ id: message, role: "user", parts }],
    trigger: again === undefined ? "submit-message" : "regenerate-message",
    ...((again ?? replaces) ? { messageId: again ?? replaces } : {}),
    ...(parent ? { parentId: parent } : {}),
  };
  const options: Options = { body, signal, headers: { "idempotency-key": key } };
  return chunks(await send("POST", "/api/chat", options));
}

/** Returns the chunks of the turn that runs, from its beginning; `null` if none does. */
export async function resume(id: string, signal: AbortSignal): Promise<AsyncIterable<Chunk> | null> {
  const reply = await send("GET", `/api/chat/${encodeURIComponent(id)}/stream`, { signal });
  return reply.status === 204 ? null : chunks(reply);
}

/** Stops a turn for everybody who reads it; what was said is kept. */
export function stop(id: string, turn: string): Promise<unknown> {
  return call("POST", `/api/chat/${encodeURIComponent(id)}/stop`, { body: { turn } });
}
