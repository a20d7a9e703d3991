// What the way to the reply costs, counted and not timed: `node cost.mjs FOLDER`, where the folder
// holds `miyabi.js` and a wasm that wasm-opt has made to report each function it enters and each turn
// of a loop. Everything that could differ from one run to the next is fixed: clock, key and ids.
// Prints {"ask": {"work": …, "crossings": …}, …}.
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { countCrossings } from "./crossings.mjs";

const NOW = 1_800_000_000_000;
const counts = { work: 0, crossings: 0 };

Date.now = () => NOW;
console.log = console.warn = () => {};

const folder = pathToFileURL(`${process.argv[2]}/`);
countCrossings(counts, { log_execution: () => { counts.work += 1; } });

// RFC 8410's wrapping of a raw key.
const SEED = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]);
const key = createPrivateKey({ key: SEED, format: "der", type: "pkcs8" });
const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);

const done = async (value) => value;
const limit = { limit: () => done({ success: true }) };
const statement = { bind: (id) => ({ all: () => done({ results: [{ id }] }) }) };
const env = {
  DISCORD_APPLICATION_ID: "1100000000000000001",
  DISCORD_PUBLIC_KEY: publicKey.toString("hex"),
  DISCORD_TOKEN: "token",
  DISCORD_WEBHOOK_URL: "https://discord.com/api/webhooks/1100000000000000007/token",
  MIYABI_MODEL: "@cf/model",
  AI: {},
  miyabi_db: { prepare: () => statement },
  miyabi_workflow: { create: ({ id }) => done({ id }) },
  miyabi_queue: { send: () => done() },
  miyabi_asker_limit: limit,
  miyabi_server_limit: limit,
};

const user = { avatar: "0123456789abcdef0123456789abcdef", discriminator: "0", global_name: "Mio", id: "1200000000000000004", public_flags: 0, username: "mio" };
const ping = { application_id: "1100000000000000001", id: "1593000000000000000", token: "token", type: 1, user, version: 1 };
const ask = {
  app_permissions: "562949953421311",
  application_id: "1100000000000000001",
  authorizing_integration_owners: { 0: "1200000000000000001" },
  channel: { flags: 0, guild_id: "1200000000000000001", id: "1200000000000000002", name: "general", nsfw: false, parent_id: null, position: 0, topic: null, type: 0 },
  channel_id: "1200000000000000002",
  context: 0,
  data: { id: "1200000000000000003", name: "ask", options: [{ name: "question", type: 3, value: "What is the weather like in Kyoto today?" }], type: 1 },
  entitlements: [],
  guild: { features: [], id: "1200000000000000001", locale: "en-US" },
  guild_id: "1200000000000000001",
  guild_locale: "en-US",
  id: "1593000000000000000",
  locale: "ja",
  member: { deaf: false, flags: 0, joined_at: "2024-01-02T03:04:05.678000+00:00", mute: false, nick: "Mio", permissions: "562949953421311", roles: ["1200000000000000005"], user },
  token: `aW50ZXJhY3Rpb246${"x".repeat(190)}`,
  type: 2,
  version: 1,
};

function request(interaction, signed) {
  const body = JSON.stringify(interaction);
  const timestamp = String(NOW / 1000);
  const headers = {
    "content-length": String(Buffer.byteLength(body)),
    "x-signature-ed25519": sign(null, Buffer.from((signed ?? timestamp) + body), key).toString("hex"),
    "x-signature-timestamp": timestamp,
  };
  return new Request("https://miyabi.example/discord/interactions", { method: "POST", headers, body });
}

const { fetch, initSync } = await import(new URL("miyabi.js", folder));
initSync({ module: new WebAssembly.Module(readFileSync(new URL("miyabi_bg.wasm", folder))) });

async function cost(status, ...parts) {
  const beside = [];
  const context = { waitUntil: (promise) => beside.push(promise) };
  const one = async () => {
    const response = await fetch(request(...parts), env, context);
    await Promise.all(beside);
    if (response.status !== status) throw new Error(`${response.status}, not ${status}: ${await response.text()}`);
  };
  // The first prepares what later ones find.
  await one();
  await one();
  const before = { ...counts };
  await one();
  return { work: counts.work - before.work, crossings: counts.crossings - before.crossings };
}

const costs = { ask: await cost(200, ask), forged: await cost(401, ask, "forged"), ping: await cost(200, ping) };
process.stdout.write(`${JSON.stringify(costs)}\n`);
