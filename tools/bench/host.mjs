// Runs one Worker on Miniflare, with its local D1 and Workflow: `node host.mjs OPTIONS.json`.
// Prints its URL when it listens; ends when it is killed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { Miniflare, convertV4MiniflareOptions } = createRequire(options.root)("miniflare");
// What the Worker logs is dropped, as where it runs on stubs.
const handleStructuredLogs = () => {};
const miniflare = new Miniflare(convertV4MiniflareOptions({ ...options.worker, handleStructuredLogs }));
const url = await miniflare.ready;
const database = await miniflare.getD1Database("miyabi_db");
for (const statement of options.schema) await database.prepare(statement).run();
console.log(url.origin);
