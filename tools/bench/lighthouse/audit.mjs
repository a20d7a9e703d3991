// Has Lighthouse look at a page, as a phone and as a desk, and says what each category is worth and what it costs.
//
// node audit.mjs URL LEAST CHROMIUM: fails where a category is below LEAST of 100, and says what for.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import desktop from "lighthouse/core/config/desktop-config.js";
import lighthouse from "lighthouse";

const [url, least, chromium] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const profile = mkdtempSync(join(tmpdir(), "lighthouse-"));
const flags = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
const browser = spawn(chromium, flags, { stdio: ["ignore", "ignore", "pipe"] });

/** The port that the browser says. */
function portOf() {
  return new Promise((resolve, reject) => {
    let said = "";
    browser.stderr.on("data", (more) => {
      said += more;
      const port = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(said)?.[1];
      if (port) resolve(Number(port));
    });
    browser.on("exit", () => reject(new Error(`the browser ended: ${said}`)));
  });
}

/** How often it looks again: whatever else the machine does makes a page slower, and nothing makes it faster. */
const TRIES = 3;

/** Looks once; returns whether each category is worth enough. */
async function look(port, name, config) {
  const found = await lighthouse(url, { port, output: "json", logLevel: "error" }, config);
  const { categories, audits, runtimeError } = found.lhr;
  if (runtimeError) throw new Error(runtimeError.message);
  let isGood = true;
  for (const { id, score, auditRefs } of Object.values(categories)) {
    const points = Math.round((score ?? 0) * 100);
    console.log(`${name} ${id} ${points}`);
    if (points >= least) continue;
    isGood = false;
    for (const ref of auditRefs) {
      const audit = audits[ref.id];
      if (ref.weight === 0 || audit.score === null || audit.score === 1) continue;
      console.log(`  ${audit.id}: ${audit.title} ${audit.displayValue ?? ""}`);
      for (const item of audit.details?.items?.slice(0, 3) ?? []) {
        console.log(`    ${item.node?.selector ?? item.description ?? item.url ?? item.source ?? ""}`);
      }
    }
  }
  return isGood;
}

let isGood = true;
try {
  const port = await portOf();
  for (const [name, config] of [["phone", undefined], ["desk", desktop]]) {
    let isEnough = false;
    for (let count = 0; count < TRIES && !isEnough; count += 1) isEnough = await look(port, name, config);
    isGood &&= isEnough;
  }
} finally {
  const gone = new Promise((resolve) => browser.once("exit", resolve));
  if (browser.exitCode === null && browser.kill()) await gone;
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(isGood ? 0 : 1);
