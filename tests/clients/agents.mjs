// Drives npm `agents`, with the chat of npm `ai` 7 over it, against the Worker as a page would, by their public
// API alone, and prints what the page would have seen, as JSON. What is right is decided by tests/e2e/agents.rs.
//
// node agents.mjs URL; the key is in MIYABI_KEY.

import { randomUUID } from "node:crypto";

import { WebSocketChatTransport } from "agents/chat/transport";
import { AgentClient } from "agents/client";
import { AbstractChat } from "ai7";

import { State } from "./state.mjs";

const [url] = process.argv.slice(2);
const { MIYABI_KEY: key } = process.env;

/** An answer that takes some seconds. */
const SLOW = "Tell me an agent's tale. [long 1200] [slow 60]";

function connect(name, secret = key) {
  const failures = [];
  const client = new AgentClient({
    agent: "Conversation",
    name,
    host: new URL(url).host,
    // A browser can set no header either.
    protocols: ["miyabi.v1", `miyabi.key.${secret}`],
    onConnectionError: ({ code, reason }) => failures.push({ code, reason }),
  });
  const frames = [];
  client.addEventListener("message", ({ data }) => frames.push(JSON.parse(data)));
  return { client, frames, failures };
}

/** Returns what is stored, as the client's own hook asks for it. */
async function stored(name) {
  const headers = { authorization: `Bearer ${key}` };
  const reply = await fetch(`${url}/agents/conversation/${name}/get-messages`, { headers });
  return await reply.json();
}

/** A page with one chat. */
class Page extends AbstractChat {
  constructor({ name = randomUUID(), messages = [] } = {}) {
    const connection = connect(name);
    const transport = new WebSocketChatTransport({ agent: connection.client, cancelOnClientAbort: true });
    super({ id: name, transport, state: new State(structuredClone(messages)) });
    Object.assign(this, connection, { name });
    // As `useAgentChat` hands them on.
    this.client.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "cf_agent_stream_resuming") transport.handleStreamResuming(frame);
      if (frame.type === "cf_agent_stream_resume_none") transport.handleStreamResumeNone(frame);
    });
  }

  /** What the page shows. */
  seen() {
    return {
      status: this.status,
      error: this.error?.message ?? null,
      messages: this.messages.map(({ id, role, parts }) => ({
        id,
        role,
        text: parts.filter((part) => part.type === "text").map((part) => part.text).join(""),
      })),
    };
  }

  said() {
    return this.seen().messages.at(-1).text.length;
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
    await page.client.ready;
    const empty = await stored(page.name);
    const { identified, name, agent } = page.client;
    const other = connect(page.name);
    await other.client.ready;
    await page.sendMessage({ text: "What is the weather in Kyoto?" });
    const first = page.seen();
    await page.sendMessage({ text: "Say hi" });
    const second = page.seen();
    await page.regenerate();
    const regenerated = page.seen();
    const [{ id: messageId }] = page.messages;
    await page.sendMessage({ text: "Say one", messageId });
    const edited = page.seen();
    await until("the other tab", () => other.frames.filter(({ done }) => done).length === 4);
    const refused = await page.client.call("anything").catch(({ message }) => message);
    const kept = await stored(page.name);
    page.client.close();
    other.client.close();
    const identity = { identified, name: name === page.name, agent };
    return { identity, empty, first, second, regenerated, edited, refused, kept, other: other.frames };
  },

  async cancel() {
    const { page, sent } = await halfway();
    await page.stop();
    await sent;
    const stopped = page.seen();
    const idle = async () => (await stored(page.name)).length === 2;
    for (let tries = 0; tries < 200 && !(await idle()); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const kept = await stored(page.name);
    page.client.close();
    return { stopped, kept };
  },

  async resume() {
    const { page, sent } = await halfway();
    // The network is cut, and the client comes back by itself.
    page.client.reconnect();
    await sent;
    const cut = page.seen();
    await page.client.ready;
    await page.resumeStream();
    const back = page.seen();
    page.client.close();
    // Another page, later: nothing runs.
    const kept = await stored(page.name);
    const later = new Page({ name: page.name, messages: kept });
    await later.resumeStream();
    const idle = later.seen();
    later.client.close();
    return { cut, back, idle, kept };
  },

  async reload() {
    const { page, sent } = await halfway();
    const messages = await stored(page.name);
    page.client.close();
    await sent;
    const reloaded = new Page({ name: page.name, messages });
    await reloaded.resumeStream();
    const seen = reloaded.seen();
    reloaded.client.close();
    return { seen, kept: await stored(page.name) };
  },

  async refused() {
    const wrong = connect(randomUUID(), `${key.slice(0, -1)}~`);
    await until("the refusal of a wrong key", () => wrong.failures.length > 0);
    const page = new Page();
    await page.sendMessage({ text: "Say hi" });
    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${url}/api/conversations/${page.name}`, { method: "DELETE", headers });
    await until("the end of a deleted conversation", () => page.failures.length > 0);
    const second = connect(page.name);
    await until("the refusal of a second tab", () => second.failures.length > 0);
    return { wrong: wrong.failures, deleted: page.failures, second: second.failures };
  },
};

const names = Object.keys(scenarios);
const seen = await Promise.all(names.map((name) => scenarios[name]()));
console.log(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, seen[index]]))));
process.exit(0);
