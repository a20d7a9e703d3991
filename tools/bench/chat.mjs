// The client of the chat's bench: asks the contenders in turn, each way that a page would, and prints what
// it saw as JSON: `node chat.mjs ORDER.json`. Times are milliseconds since a question was sent.
//
// { "what": "first", "conversations", "turns" }: the first character of an answer, and the whole of it.
// { "what": "long", "conversations": { "short": [ID], "long": [ID] }, "turns" }: whole turns there.
// { "what": "turns", "who", "conversation", "turns" }: only asks.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const order = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { urls, key, model, question } = order;
const bearer = { authorization: `Bearer ${key}` };
const ANSWER_MS = 30_000;

/** Returns what the chunks of a UI message stream say, and when. */
function heard(chunks, sent) {
  const seen = { first: null, whole: null, text: "" };
  for (const { at, chunk } of chunks) {
    if (chunk.type === "text-delta" && chunk.delta) {
      seen.first ??= at - sent;
      seen.text += chunk.delta;
    }
    seen.whole = at - sent;
  }
  const last = chunks.at(-1)?.chunk;
  if (last?.type !== "finish" || seen.first === null) throw new Error(`a turn ended with ${JSON.stringify(last)}`);
  return seen;
}

/** Sends a request and returns the events of its answer, each with the time at which it had come. */
async function events(url, headers, body) {
  const sent = performance.now();
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  const chunks = [];
  let rest = "";
  for await (const text of reply.body.pipeThrough(new TextDecoderStream())) {
    const at = performance.now();
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line.includes("[DONE]")) continue;
      chunks.push({ at, chunk: JSON.parse(line.slice(6)) });
    }
  }
  return { sent, chunks };
}

/** Asks the model itself, as the contenders do. */
async function direct() {
  const messages = [{ role: "user", content: question }];
  const headers = { authorization: `Bearer ${model.key}` };
  const body = { model: model.name, messages, stream: true, max_completion_tokens: 1024 };
  const { sent, chunks } = await events(`${model.base}/chat/completions`, headers, body);
  const said = chunks.map(({ at, chunk }) => ({
    at,
    chunk: { type: "text-delta", delta: chunk.choices?.[0]?.delta?.content },
  }));
  return heard([...said, { at: said.at(-1).at, chunk: { type: "finish" } }], sent);
}

/** A conversation over HTTP, with the body of AI SDK's `useChat`. */
function overHttp(url, headers) {
  return async () => ({
    async ask(id, messages) {
      const { sent, chunks } = await events(url, headers, { id, messages, trigger: "submit-message" });
      return heard(chunks, sent);
    },
    close() {},
  });
}

/** A conversation in the wire of cloudflare/agents, with a socket that is open before anything is asked. */
function overSocket(url, headers) {
  return async (id) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/${id}`, { headers });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return {
      ask: (_id, messages) =>
        new Promise((resolve, reject) => {
          const turn = randomUUID();
          const chunks = [];
          let sent = 0;
          const timer = setTimeout(() => reject(new Error("no answer on the socket")), ANSWER_MS);
          const hear = ({ data }) => {
            const at = performance.now();
            const frame = JSON.parse(data);
            if (frame.type !== "cf_agent_use_chat_response" || frame.id !== turn) return;
            if (frame.body?.trim()) chunks.push({ at, chunk: JSON.parse(frame.body) });
            if (!frame.done) return;
            clearTimeout(timer);
            socket.removeEventListener("message", hear);
            try {
              resolve(heard(chunks, sent));
            } catch (error) {
              reject(error);
            }
          };
          socket.addEventListener("message", hear);
          const body = JSON.stringify({ messages, trigger: "submit-message" });
          sent = performance.now();
          socket.send(JSON.stringify({ type: "cf_agent_use_chat_request", id: turn, init: { method: "POST", body } }));
        }),
      close: () => socket.close(),
    };
  };
}

const ways = {
  miyabi: overHttp(`${urls.miyabi}/api/chat`, bearer),
  miyabi_socket: overSocket(`${urls.miyabi}/agents/conversation`, bearer),
  ai: overHttp(`${urls.ai}/api/chat`, {}),
  agents: overSocket(`${urls.agents}/agents/chat`, {}),
};

const message = (role, text) => ({ id: randomUUID(), role, parts: [{ type: "text", text }] });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page: a conversation, and what its client has of it. */
async function page(way, id = randomUUID()) {
  const talk = await ways[way](id);
  const messages = [];
  return {
    async ask() {
      messages.push(message("user", question));
      const seen = await talk.ask(id, messages);
      messages.push(message("assistant", seen.text));
      return seen;
    },
    close: talk.close,
  };
}

/** Shifts a list, so that another goes first each time. */
const turned = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)];

async function first({ conversations, turns }) {
  const names = ["model", ...order.who];
  const seen = Object.fromEntries(names.map((name) => [name, { first: [], whole: [] }]));
  const texts = new Set();
  let round = 0;
  for (let number = 0; number < conversations; number += 1) {
    const pages = { model: { ask: direct, close() {} } };
    for (const name of order.who) pages[name] = await page(name);
    for (let turn = 0; turn < turns; turn += 1) {
      for (const name of turned(names, round++)) {
        const { first, whole, text } = await pages[name].ask();
        texts.add(text);
        // The first turn makes the conversation.
        if (turn > 0) {
          seen[name].first.push(first);
          seen[name].whole.push(whole);
        }
        // What is left to do after an answer is not to fall on the next contender.
        await pause(order.pause_ms);
      }
    }
    for (const name of names) pages[name].close();
  }
  if (texts.size !== 1) throw new Error(`not all had the same answer: ${[...texts].join("\n")}`);
  return seen;
}

async function long({ conversations, turns }) {
  const sizes = Object.keys(conversations);
  const seen = Object.fromEntries(sizes.map((size) => [size, { first: [], whole: [] }]));
  const ask = async (id) => {
    const { sent, chunks } = await events(`${urls.miyabi}/api/chat`, bearer, {
      id,
      messages: [message("user", question)],
      trigger: "submit-message",
    });
    return heard(chunks, sent);
  };
  // The first turn wakes the conversation, and has a summary of what is old tried.
  for (const id of sizes.flatMap((size) => conversations[size])) await ask(id);
  await pause(order.settle_ms);
  let round = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    for (let number = 0; number < conversations[sizes[0]].length; number += 1) {
      for (const size of turned(sizes, round++)) {
        const { first, whole } = await ask(conversations[size][number]);
        seen[size].first.push(first);
        seen[size].whole.push(whole);
        await pause(order.pause_ms);
      }
    }
  }
  return seen;
}

async function turns({ who, conversation, turns }) {
  const one = await page(who, conversation);
  for (let turn = 0; turn < turns; turn += 1) {
    await one.ask();
    await pause(order.settle_ms);
  }
  one.close();
  return {};
}

console.log(JSON.stringify(await { first, long, turns }[order.what](order)));
process.exit(0);
