// Drives the official client of MCP, npm `@modelcontextprotocol/sdk`, against the Worker, by its public API alone,
// and prints what it was told, as JSON. What is right is decided by tests/e2e/mcp_server.rs.
//
// node mcp.mjs URL; the key is in MIYABI_KEY.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url] = process.argv.slice(2);
const endpoint = new URL("/mcp", url);

async function connect(key) {
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  const client = new Client({ name: "tests", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(endpoint, { requestInit }));
  return client;
}

const seen = {};
const client = await connect(process.env.MIYABI_KEY);
seen.server = client.getServerVersion();
seen.tools = (await client.listTools()).tools;
await client.ping();
const call = (name, args) => client.callTool({ name, arguments: args });
seen.asked = await call("ask", { question: "Say kumquat." });
const { conversation } = seen.asked.structuredContent;
seen.read = await call("ask", { conversation });
seen.recalled = await call("recall", { query: "kumquat" });
seen.wrong = await call("ask", { question: "" });
seen.unknown = await call("no_such", {}).catch((error) => ({ code: error.code }));
await client.close();
seen.refused = await connect("miyabi_wrong").then(() => "let in", (error) => error.code ?? error.name);
console.log(JSON.stringify(seen));
