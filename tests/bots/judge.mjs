// Sends the same requests to the Worker and to receivers that others wrote, which check who sent them by their own
// code: grammy's webhookCallback for Telegram, the HTTPReceiver of @slack/bolt for Slack. Prints, as JSON, what each
// says. What is right is decided by tests/e2e/bots.rs: node judge.mjs WORKER, with MIYABI_TELEGRAM_SECRET and
// MIYABI_SLACK_SECRET.

import { createHmac } from "node:crypto";
import { createServer, request } from "node:http";

import bolt from "@slack/bolt";
import { Bot, webhookCallback } from "grammy";

const WORKER = new URL(process.argv[2]);
const { MIYABI_TELEGRAM_SECRET: TELEGRAM, MIYABI_SLACK_SECRET: SLACK } = process.env;
const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

/** An update of a kind that the Worker acknowledges and does nothing about. */
const UPDATE = JSON.stringify({ update_id: 900_000_001, poll: { id: "1", question: "雅?", options: [], total_voter_count: 0, is_closed: true, is_anonymous: true, type: "regular", allows_multiple_answers: false } });

function telegram() {
  const named = (secret) => ({ "x-telegram-bot-api-secret-token": secret });
  const cases = [
    ["the secret", named(TELEGRAM)],
    ["no secret", {}],
    ["an empty one", named("")],
    ["another one", named("another-secret")],
    ["one letter more", named(`${TELEGRAM}a`)],
    ["one letter less", named(TELEGRAM.slice(0, -1))],
    ["another case", named(TELEGRAM.toUpperCase())],
    ["a space within", named(`${TELEGRAM.slice(0, 4)} ${TELEGRAM.slice(4)}`)],
    ["it twice", { "x-telegram-bot-api-secret-token": [TELEGRAM, TELEGRAM] }],
    ["the header of something else", { authorization: `Bearer ${TELEGRAM}` }],
  ];
  return cases.map(([what, headers]) => ({ what, path: "/telegram/webhook", headers: { "content-type": JSON_TYPE, ...headers }, body: UPDATE }));
}

function slack() {
  const now = Math.floor(Date.now() / 1000);
  const sign = (body, at, secret = SLACK) => `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`;
  const event = JSON.stringify({ type: "event_callback", team_id: "T1", api_app_id: "A1", event_id: "Ev1", event_time: now, event: { type: "emoji_changed", subtype: "add", name: "雅", event_ts: `${now}.000100` } });
  const command = new URLSearchParams({
    command: "/miyabi", text: "help 100% & more +1 日本語", team_id: "T1", channel_id: "D1", user_id: "U1", trigger_id: "1.2.abc",
  }).toString();
  const one = (what, { body = event, at = String(now), signature = sign(body, at), path = "/slack/events" }) => {
    const type = path === "/slack/events" ? JSON_TYPE : FORM_TYPE;
    const headers = { "content-type": type, "x-slack-request-timestamp": at, "x-slack-signature": signature };
    return { what, path, body, headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null)) };
  };
  const at = (seconds) => String(now + seconds);
  return [
    one("an event", {}),
    one("a command", { body: command, path: "/slack/commands" }),
    one("a challenge", { body: JSON.stringify({ type: "url_verification", challenge: "雅" }) }),
    one("four minutes ago", { at: at(-240) }),
    one("six minutes ago", { at: at(-360) }),
    one("a day ago", { at: at(-86_400) }),
    one("of another app", { signature: sign(event, now, "another-secret-of-somebody-else") }),
    one("of another body", { signature: sign(`${event} `, now) }),
    one("of another second", { signature: sign(event, now - 1) }),
    one("another version", { signature: sign(event, now).replace("v0", "v1") }),
    one("no version", { signature: sign(event, now).slice(3) }),
    one("cut off", { signature: sign(event, now).slice(0, -1) }),
    one("one digit more", { signature: `${sign(event, now)}0` }),
    one("great letters", { signature: sign(event, now).toUpperCase() }),
    one("zeros", { signature: `v0=${"0".repeat(64)}` }),
    one("an empty signature", { signature: "" }),
    one("no signature", { signature: null }),
    one("no time", { at: null, signature: sign(event, now) }),
    one("a time that is none", { at: "yesterday" }),
  ];
}

/** Sends a request, and returns the status. */
function post(port, { path, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    sent.on("error", reject).end(body);
  });
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

const bot = new Bot("1:token", { botInfo: { id: 1, is_bot: true, first_name: "Miyabi", username: "miyabi_bot" } });
const grammy = createServer(webhookCallback(bot, "http", { secretToken: TELEGRAM }));

const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error", setName() {} };
const receiver = new bolt.HTTPReceiver({ signingSecret: SLACK, logger: silent, endpoints: ["/slack/events", "/slack/commands"] });
receiver.init({ processEvent: ({ ack }) => ack() });
const slackServer = createServer((incoming, answer) => receiver.requestListener(incoming, answer));

const judged = [];
for (const [judge, server, cases] of [["grammy", grammy, telegram()], ["bolt", slackServer, slack()]]) {
  const port = await listen(server);
  for (const one of cases) {
    judged.push({ judge, what: one.what, theirs: await post(port, one), ours: await post(WORKER.port, one) });
  }
  server.close();
}
console.log(JSON.stringify(judged));
