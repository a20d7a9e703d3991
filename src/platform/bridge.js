// What one call does here would be ten between wasm and JavaScript, each with a price of its own.
// Nothing of the program is decided here. An `async` function rejects with whatever was thrown, but for
// `refusal`: a limit that is broken refuses nothing.

/** Tells `settle` how a promise, or what only behaves like one, was settled. */
export function wait(promise, settle, key) {
  Promise.resolve(promise).then(
    (value) => settle(key, true, value),
    (error) => settle(key, false, error),
  );
}

/** A promise for the runtime to wait for, until the function that is returned is called. */
export function hold(context) {
  const { promise, resolve } = Promise.withResolvers();
  context.waitUntil(promise);
  return resolve;
}

/** What is read of each request, a line for each: neither a URL nor a header has a line break. */
export function head({ method, url, headers }) {
  const read = (name) => headers.get(name) ?? "";
  return `${method}\n${url}\n${read("content-length")}\n${read("x-signature-ed25519")}\n${read("x-signature-timestamp")}`;
}

/** The body, as text: bytes would come in memory of their own, which is made, copied and collected for each request. */
export async function readBody(request) {
  return request.text();
}

/** What a reply is made with, by its status: there are few, and each is always the same. */
const inits = {};

/** A reply in JSON. */
export function respond(status, body, allow) {
  const type = { "content-type": "application/json" };
  if (allow !== undefined) return new Response(body, { status, headers: { ...type, allow } });
  return new Response(body, (inits[status] ??= { status, headers: new Headers(type) }));
}

/** Sends a request, its headers as a JSON object. A redirect would carry a post or a token to another host. */
export async function sendRequest(url, method, headers, body, timeout) {
  const signal = AbortSignal.timeout(timeout);
  return fetch(url, { method, headers: JSON.parse(headers), body, redirect: "manual", signal });
}

/** A public key, from its bytes. */
export async function importKey(raw) {
  return crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
}

/** Whether a signature is right. */
export function isSigned(key, signature, message) {
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

/** Date and time in a zone, in words; `undefined` if the zone is not known. */
export function localTime(timeZone) {
  try {
    const options = { dateStyle: "full", timeStyle: "long", timeZone, hourCycle: "h23" };
    return new Intl.DateTimeFormat("en-GB", options).format(new Date());
  } catch {}
}

const LIMITS = ["miyabi_asker_limit", "miyabi_server_limit"];

/**
 * The first rate limit that says no, by the name of its binding; one that is broken or not bound says nothing.
 * `keys` is a JSON list of a key or `null` for each.
 */
export async function refusal(env, keys) {
  for (const [at, key] of JSON.parse(keys).entries()) {
    const name = LIMITS[at];
    try {
      if (key !== null && (await env[name]?.limit({ key }))?.success === false) return name;
    } catch {}
  }
}

/** The rows of a statement, as JSON text, for a JSON list of values; an object or a list in it is a text. */
export async function query(database, sql, values) {
  const text = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value);
  const { results } = await database.prepare(sql).bind(...JSON.parse(values).map(text)).all();
  return JSON.stringify(results);
}

/** The rows of each of a JSON list of `[statement, values]`, as JSON text: one transaction. */
export async function batch(database, statements) {
  const text = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value);
  const prepare = ([sql, values]) => database.prepare(sql).bind(...values.map(text));
  const all = await database.batch(JSON.parse(statements).map(prepare));
  return JSON.stringify(all.map(({ results }) => results));
}

/** Creates a Workflow instance; `options` is the JSON text of its id and parameters. */
export async function create(workflow, options) {
  await workflow.create(JSON.parse(options));
}

/** What the engine says about an instance: its status in one word. */
export async function status(workflow, id) {
  return (await (await workflow.get(id)).status()).status;
}

/** Sends JSON text as JSON: the default is a format that no tool but a Worker reads. */
export async function enqueue(producer, message) {
  await producer.send(JSON.parse(message), { contentType: "json" });
}

/** The text under a key, or `null`. */
export async function recall(namespace, key) {
  return namespace.get(await hashed(key));
}

/** Keeps a text under a key for some seconds. */
export async function remember(namespace, key, value, expirationTtl) {
  await namespace.put(await hashed(key), value, { expirationTtl });
}

/** SHA-256 in hex: KV takes keys of up to 512 bytes, and a question is longer. */
async function hashed(key) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key))).toHex();
}
