// Runs one Worker behind `job.mjs` on Miniflare, with its local D1 and Workflow engine:
// `node host.mjs OPTIONS.json`. Prints its URL when it listens; ends when it is killed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { root, folder, modules, date, bindings } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { Miniflare, convertV4MiniflareOptions } = createRequire(`${root}/`)("miniflare");
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    modulesRoot: folder,
    modules: ["job.mjs", ...modules].map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: `${folder}/${name}`,
    })),
    compatibilityDate: date,
    bindings,
    d1Databases: { miyabi_db: "bench" },
    workflows: { miyabi_workflow: { name: "bench", className: "MiyabiWorkflow" } },
    // What the Worker logs is dropped, as where it runs on stubs.
    handleStructuredLogs: () => {},
  }),
);
const url = await miniflare.ready;
const database = await miniflare.getD1Database("miyabi_db");
// An empty line is between statements, and a comment is before the first.
const statements = readFileSync(`${root}/schema.sql`, "utf8").split("\n\n");
for (const statement of statements.filter((text) => text.trim() && !text.startsWith("--"))) {
  await database.prepare(statement).run();
}
console.log(url.origin);
