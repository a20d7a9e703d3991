// The floor: the least JavaScript that verifies, writes and answers. No framework, no error is told,
// nothing is read that the reply does not need. One durable write is awaited, the other is beside it.
const ACCEPTED = '{"type":5,"data":{"flags":64}}';
const PONG = '{"type":1}';
const JSON_REPLY = { headers: { "content-type": "application/json" } };
const REFUSED = { status: 401 };
const INSERT = "INSERT INTO jobs (id, token, status) VALUES (?, ?, 'PENDING') ON CONFLICT DO NOTHING";

let key;

function bytes(hex) {
  const found = new Uint8Array(hex.length / 2);
  for (let at = 0; at < found.length; at++) found[at] = parseInt(hex.substr(at * 2, 2), 16);
  return found;
}

async function fetch(request, env, context) {
  const signature = request.headers.get("x-signature-ed25519");
  const timestamp = request.headers.get("x-signature-timestamp");
  if (!signature || !timestamp) return new Response(null, REFUSED);
  const body = await request.text();
  key ??= await crypto.subtle.importKey("raw", bytes(env.DISCORD_PUBLIC_KEY), "Ed25519", false, ["verify"]);
  const message = new TextEncoder().encode(timestamp + body);
  const isSigned = await crypto.subtle.verify("Ed25519", key, bytes(signature), message);
  if (!isSigned) return new Response(null, REFUSED);
  const { type, id, token, data, channel_id: channel } = JSON.parse(body);
  if (type === 1) return new Response(PONG, JSON_REPLY);
  context.waitUntil(env.miyabi_db.prepare(INSERT).bind(id, token).run());
  await env.miyabi_workflow.create({ id, params: { id, token, channel, question: data.options[0].value } });
  return new Response(ACCEPTED, JSON_REPLY);
}

export default { fetch };
