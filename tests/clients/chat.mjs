// Drives one version of npm `ai` against the Worker as a page would, by its public API alone, and prints
// what the page would have seen, as JSON. What is right is decided by tests/e2e/clients.rs.
//
// node chat.mjs MAJOR URL; the keys are in MIYABI_KEY and MIYABI_SPENT_KEY.

import { randomUUID } from "node:crypto";

import { State } from "./state.mjs";

const [major, url] = process.argv.slice(2);
const { MIYABI_KEY: key, MIYABI_SPENT_KEY: spentKey } = process.env;
const { AbstractChat, DefaultChatTransport, readUIMessageStream } = await import(`ai${major}`);

/** An answer that takes some seconds. */
const SLOW = "Tell me a long story. [long 1200] [slow 60]";

/** A page with one chat, whose network can be cut. */
class Page extends AbstractChat {
  constructor({ id = randomUUID(), messages = [], bearer = key, ...options } = {}) {
    const network = new AbortController();
    const replies = [];
    const transport = new DefaultChatTransport({
      api: `${url}/api/chat`,
      headers: () => ({ authorization: `Bearer ${bearer}` }),
      fetch: async (input, init = {}) => {
        const signals = [init.signal, network.signal].filter(Boolean);
        const reply = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
        replies.push(reply.status);
        return reply;
      },
      ...options,
    });
    super({ id, transport, state: new State(structuredClone(messages)) });
    // The constructor above must be over before there is a `this`.
    this.replies = replies;
    this.cut = () => network.abort(new TypeError("the network is gone"));
  }

  /** What the page shows. */
  seen() {
    return {
      conversation: this.id,
      status: this.status,
      error: this.error?.message ?? null,
      replies: this.replies,
      messages: this.messages.map(({ id, role, parts }) => ({
        id,
        role,
        texts: parts.filter((part) => part.type === "text").map((part) => part.text),
      })),
    };
  }

  said() {
    return this.seen().messages.at(-1).texts.join("").length;
  }
}

async function until(what, look) {
  for (const begin = Date.now(); !look(); ) {
    if (Date.now() - begin > 30_000) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Asks slowly, and returns when a part of the answer is there. */
async function halfway() {
  const page = new Page();
  const sent = page.sendMessage({ text: SLOW });
  await until("a part of the answer", () => page.messages.length === 2 && page.said() > 100);
  return { page, sent };
}

const scenarios = {
  async talk() {
    const page = new Page();
    const seen = {};
    await page.sendMessage({ text: "What is the weather in Kyoto?" });
    seen.first = page.seen();
    await page.sendMessage({ text: "Say hi" });
    seen.second = page.seen();
    for (const name of ["regenerated", "regenerated_again"]) {
      await page.regenerate();
      seen[name] = page.seen();
    }
    await page.regenerate({ messageId: page.lastMessage.id });
    seen.regenerated_by_id = page.seen();
    return seen;
  },

  async edit() {
    const page = new Page();
    const seen = {};
    await page.sendMessage({ text: "Say one" });
    await page.sendMessage({ text: "Say two" });
    const [{ id: messageId }] = page.messages;
    for (const text of ["Say three", "Say four", "Say three"]) {
      await page.sendMessage({ text, messageId });
      seen[text] = [...(seen[text] ?? []), page.seen()];
    }
    await page.sendMessage({ text: "Say five" });
    return { ...seen, last: page.seen() };
  },

  /** A page that sends no history, as a long conversation has to. */
  async brief() {
    const page = new Page({
      prepareSendMessagesRequest: ({ id, messages, trigger, messageId }) => ({
        body: { id, messages: messages.slice(-1), trigger, messageId },
      }),
    });
    await page.sendMessage({ text: "Say six" });
    await page.sendMessage({ text: "Say seven" });
    await page.regenerate();
    return page.seen();
  },

  /** Without the class that keeps a page's state. */
  async stream() {
    const transport = new DefaultChatTransport({
      api: `${url}/api/chat`,
      headers: { authorization: `Bearer ${key}` },
    });
    const question = { id: "m1", role: "user", parts: [{ type: "text", text: "Say hi" }] };
    const stream = await transport.sendMessages({
      chatId: randomUUID(),
      messages: [question],
      trigger: "submit-message",
    });
    let last;
    let count = 0;
    for await (const message of readUIMessageStream({ stream })) {
      last = message;
      count += 1;
    }
    return { id: last.id, metadata: last.metadata, parts: last.parts, count };
  },

  async resume() {
    const { page, sent } = await halfway();
    const [question] = page.messages;
    const reloaded = new Page({ id: page.id, messages: [question] });
    const hydrated = new Page({ id: page.id, messages: page.messages });
    await Promise.all([sent, reloaded.resumeStream(), hydrated.resumeStream()]);
    const idle = new Page({ id: page.id, messages: page.messages });
    await idle.resumeStream();
    const unknown = new Page();
    await unknown.resumeStream();
    return {
      asked: page.seen(),
      reloaded: reloaded.seen(),
      hydrated: hydrated.seen(),
      idle: idle.seen(),
      unknown: unknown.seen(),
    };
  },

  async cut() {
    const { page, sent } = await halfway();
    page.cut();
    await sent;
    const cut = page.seen();
    // Its network does not come back: the page does.
    const back = new Page({ id: page.id, messages: page.messages });
    await back.resumeStream();
    return { cut, back: back.seen() };
  },

  async leave() {
    const { page, sent } = await halfway();
    await page.stop();
    await sent;
    const left = page.seen();
    await page.resumeStream();
    return { left, back: page.seen() };
  },

  async failure() {
    const page = new Page();
    await page.sendMessage({ text: "[fails bad_request] please" });
    const failed = page.seen();
    await page.regenerate();
    const again = page.seen();
    const [{ id: messageId }] = page.messages;
    await page.sendMessage({ text: "Say hi", messageId });
    return { failed, again, edited: page.seen() };
  },

  async budget() {
    const page = new Page({ bearer: spentKey });
    await page.sendMessage({ text: "Say hi" });
    return page.seen();
  },

  /** The key is put right, and the page asks again what never arrived. */
  async wrong_key() {
    const refused = new Page({ bearer: "miyabi_wrong" });
    await refused.sendMessage({ text: "Say hi" });
    const regenerated = new Page({ messages: refused.messages });
    await regenerated.regenerate();
    const resent = new Page({ messages: refused.messages });
    await resent.sendMessage();
    return { refused: refused.seen(), regenerated: regenerated.seen(), resent: resent.seen() };
  },
};

const names = Object.keys(scenarios);
const seen = await Promise.all(names.map((name) => scenarios[name]()));
console.log(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, seen[index]]))));
