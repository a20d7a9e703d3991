// Builds the benchmark's page, serves it with the page's own policy, and runs it in Chromium:
//   node tests/markdown/bench/run.mjs [bench|hostile] [CPU slowdown, 4 by default]
// CHROMIUM names the browser, /usr/bin/chromium by default.
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

const [mode = "bench", slowdown = "4"] = process.argv.slice(2);
const outDir = await mkdtemp(join(tmpdir(), "markdown-bench-"));
await build({
  root: import.meta.dirname,
  logLevel: "warn",
  resolve: { preserveSymlinks: true },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir, emptyOutDir: true, target: "es2022" },
});

const server = createServer(async (request, response) => {
  const path = request.url === "/" ? "/index.html" : (request.url ?? "");
  try {
    const body = await readFile(join(outDir, path));
    response.writeHead(200, {
      "content-type": TYPES[extname(path)] ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
const troubles = [];
page.on("console", (message) => troubles.push(`console: ${message.text().slice(0, 200)}`));
page.on("pageerror", (error) => troubles.push(`error: ${error.message.slice(0, 200)}`));
page.on("dialog", (dialog) => {
  troubles.push(`dialog: ${dialog.message()}`);
  void dialog.dismiss();
});
page.on("request", (request) => {
  const url = request.url();
  if (!url.startsWith(origin) && !url.startsWith("data:image/"))
    troubles.push(`request: ${url.slice(0, 200)}`);
});
await page.addInitScript(() => {
  window.pwned = () => console.error("pwned() was called");
});
await page.goto(origin);
await page.waitForFunction(() => "benchmark" in window);
if (mode === "hostile") {
  const wrong = await page.evaluate(() => window.hostile(5000));
  troubles.push(...wrong);
} else {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: Number(slowdown) });
  console.table(await page.evaluate(() => window.benchmark()));
}
await browser.close();
server.close();
for (const trouble of troubles) console.error(trouble);
process.exitCode = troubles.length === 0 ? 0 : 1;
console.log(`${mode}: ${troubles.length} troubles`);
