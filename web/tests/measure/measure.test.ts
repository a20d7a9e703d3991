// Measures the page beside the same page made with assistant-ui, in one run: what is loaded, when it can be typed in,
// how smoothly a long answer is drawn, how soon a key is seen in a long conversation, and what 200 turns leave behind.
// `cargo xtask page measure` runs it and writes the table; nothing here fails by a time.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";

import { ANSWERS } from "../markdown/corpus";
import { open, url } from "../page/world";

const RUNS = 5;
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 };
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const BOTH = ["Miyabi", "assistant-ui"] as const;
type Which = (typeof BOTH)[number];

let peer: Server;
const addresses: Record<Which, string> = { Miyabi: `${url}/`, "assistant-ui": "" };
const rows: [string, string, string][] = [];

beforeAll(async () => {
  const folder = process.env.PEER ?? "";
  peer = createServer((request, reply) => {
    const path = new URL(request.url ?? "/", "http://peer").pathname;
    const file = join(folder, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return void reply.writeHead(404).end();
    // Compressed, as Cloudflare does for both.
    const body = gzipSync(readFileSync(file));
    reply
      .writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-encoding": "gzip",
      })
      .end(body);
  });
  await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
  addresses["assistant-ui"] = `http://127.0.0.1:${(peer.address() as AddressInfo).port}/`;
});

afterAll(() => {
  peer.close();
  const lines = rows.map((row) => `| ${row.join(" | ")} |`);
  const table = ["| measured | Miyabi | assistant-ui |", "| --- | --: | --: |", ...lines].join("\n");
  console.log(`\n${table}\n`);
  if (process.env.TABLE) writeFileSync(process.env.TABLE, `${table}\n`);
});

const median = (values: number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
const note = (what: string, ours: string, theirs = "") => void rows.push([what, ours, theirs]);

/** Answers `POST /api/chat` in the page itself, at a pace that is the same for both. */
const FAKE = `(() => {
  const real = globalThis.fetch;
  let turn = 0;
  globalThis.fetch = (input, init) => {
    if (String(input) !== "/api/chat") return real(input, init);
    const id = "fake" + (turn += 1);
    const { text, piece, every } = globalThis.fake;
    const encoder = new TextEncoder();
    const event = (chunk) => encoder.encode("data: " + JSON.stringify(chunk) + "\\n\\n");
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(event({ type: "start", messageId: id + "-a", messageMetadata: { conversation: "c", turn: id } }));
        controller.enqueue(event({ type: "text-start", id: "text-0" }));
        for (let at = 0; at < text.length; at += piece) {
          controller.enqueue(event({ type: "text-delta", id: "text-0", delta: text.slice(at, at + piece) }));
          if (every > 0) await new Promise((resolve) => setTimeout(resolve, every));
        }
        controller.enqueue(event({ type: "finish" }));
        controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  };
})()`;

async function opened(
  which: Which,
  prepare: (session: CDPSession, page: Page) => Promise<void>,
): Promise<[Page, CDPSession]> {
  const context = await open();
  const page = await context.newPage();
  page.removeAllListeners("request");
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await prepare(session, page);
  await page.goto(addresses[which]);
  return [page, session];
}

async function typed(page: Page, text: string): Promise<void> {
  await page.locator("#question").fill(text);
  await page.locator("#question").press("Enter");
}

test("first load", { timeout: 300_000 }, async () => {
  const seen: Record<Which, { bytes: number[]; requests: number[]; ready: number[] }> = {
    Miyabi: { bytes: [], requests: [], ready: [] },
    "assistant-ui": { bytes: [], requests: [], ready: [] },
  };
  for (let run = 0; run < RUNS; run += 1) {
    for (const which of BOTH) {
      let [bytes, requests] = [0, 0];
      const start = performance.now();
      const [page] = await opened(which, async (session) => {
        await session.send("Network.emulateNetworkConditions", SLOW_4G);
        await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
        session.on("Network.requestWillBeSent", () => (requests += 1));
        session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
      });
      // It can be typed in, and shows what was typed.
      await page.locator("#question").pressSequentially("x");
      await page.waitForFunction(
        () => (document.getElementById("question") as HTMLTextAreaElement | null)?.value === "x",
      );
      seen[which].ready.push(performance.now() - start);
      await page.waitForLoadState("networkidle");
      seen[which].bytes.push(bytes);
      seen[which].requests.push(requests);
      await page.context().close();
    }
  }
  const each = (value: (of: Which) => string): [string, string] => [value("Miyabi"), value("assistant-ui")];
  note(
    "loaded, kB, with the first requests of the API",
    ...each((of) => (median(seen[of].bytes) / 1000).toFixed(0)),
  );
  note("requests", ...each((of) => String(median(seen[of].requests))));
  note(
    "until it can be typed in, ms, slow 4G and 4 × slower processor",
    ...each((of) => median(seen[of].ready).toFixed(0)),
  );
});

test("frames while 48 KB are written", { timeout: 300_000 }, async () => {
  const whole = Object.values(ANSWERS).join("\n\n");
  const text = whole.repeat(Math.ceil(48_000 / whole.length)).slice(0, 48_000);
  const found: string[] = [];
  for (const which of BOTH) {
    const [page] = await opened(which, async (session, it) => {
      await it.addInitScript(`globalThis.fake = ${JSON.stringify({ text, piece: 160, every: 40 })}; ${FAKE}`);
      await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    });
    await page.locator("#question").waitFor();
    await page.evaluate(() => {
      const frames: number[] = [];
      Object.assign(globalThis, { frames });
      const tick = (at: number) => {
        frames.push(at);
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    await typed(page, "Write a lot");
    await page.waitForTimeout(20_000);
    const frames = await page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames);
    const gaps = frames
      .slice(1)
      .map((at, index) => at - (frames[index] ?? at))
      .sort((one, other) => one - other);
    const seconds = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1000;
    found.push(
      `${(frames.length / seconds).toFixed(0)} (${gaps[Math.floor(gaps.length * 0.99)]?.toFixed(0)} ms)`,
    );
    await page.context().close();
  }
  note(
    "frames a second while 48 KB are written (99th percentile of a frame), 4 × slower processor",
    found[0] ?? "",
    found[1] ?? "",
  );
});

/** A page of a conversation that has so many turns. */
function pageOf(turns: number, cursor: number | null) {
  const end = cursor ?? turns;
  const from = Math.max(0, end - 50);
  const messages = [];
  for (let turn = from; turn < end; turn += 1) {
    const at = new Date(1_700_000_000_000 + turn * 60_000).toISOString();
    const part = (text: string) => [{ type: "text", text }];
    messages.push({
      id: `t${turn}-q`,
      parentId: turn === 0 ? null : `t${turn - 1}-a`,
      role: "user",
      parts: part(`Question ${turn}`),
      metadata: { turn: `t${turn}`, at },
    });
    messages.push({
      id: `t${turn}-a`,
      parentId: `t${turn}-q`,
      role: "assistant",
      parts: part(`**Answer** ${turn}\n\n- one\n- two \`code\``),
      metadata: { turn: `t${turn}`, at, state: "done" },
    });
  }
  return {
    id: "big",
    title: "Big",
    updatedAt: new Date().toISOString(),
    messages,
    running: null,
    cursor: from > 0 ? String(from) : null,
  };
}

test("conversations of 50 and of 5,000 messages", { timeout: 300_000 }, async () => {
  const opening: Record<number, number[]> = { 25: [], 2500: [] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const turns of [25, 2500]) {
      const context = await open();
      const page = await context.newPage();
      await page.route("**/api/conversations/big*", (route) => {
        const cursor = new URL(route.request().url()).searchParams.get("cursor");
        return route.fulfill({ json: pageOf(turns, cursor === null ? null : Number(cursor)) });
      });
      await page.goto("/");
      await page.locator(".empty h2").waitFor();
      const took = await page.evaluate(async () => {
        const start = performance.now();
        location.hash = "#/c/big";
        while (document.querySelectorAll(".answer").length === 0)
          await new Promise((resolve) => setTimeout(resolve, 1));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return performance.now() - start;
      });
      opening[turns]?.push(took);
      await context.close();
    }
  }
  note("opening a conversation of 50 messages, ms", median(opening[25] ?? []).toFixed(0));
  note("opening one of 5,000", median(opening[2500] ?? []).toFixed(0));

  const context = await open();
  const page = await context.newPage();
  await page.route("**/api/conversations/big*", (route) => {
    const cursor = new URL(route.request().url()).searchParams.get("cursor");
    return route.fulfill({ json: pageOf(2500, cursor === null ? null : Number(cursor)) });
  });
  await page.goto("/#/c/big");
  const echo = async () => {
    await page.locator("#question").focus();
    const times: number[] = [];
    for (let key = 0; key < 20; key += 1) {
      const time = page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const field = document.getElementById("question");
            field?.addEventListener(
              "keydown",
              (event) =>
                requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - event.timeStamp))),
              { once: true },
            );
          }),
      );
      await page.waitForTimeout(60);
      await page.keyboard.press("x");
      times.push(await time);
    }
    return median(times);
  };
  await page.locator(".answer").first().waitFor();
  note("a key until it is seen, ms, with 100 messages shown", (await echo()).toFixed(0));
  for (;;) {
    const older = page.locator("button.older");
    if ((await older.count()) === 0) break;
    const before = await page.locator(".answer").count();
    await older.evaluate((it) => (it as HTMLButtonElement).click());
    await page.waitForFunction((count) => document.querySelectorAll(".answer").length > count, before, {
      timeout: 60_000,
    });
  }
  note(
    `the same with all ${(await page.locator(".message").count()).toLocaleString("en")} shown`,
    (await echo()).toFixed(0),
  );
});

test("what 200 turns leave behind", { timeout: 300_000 }, async () => {
  const found: string[] = [];
  for (const which of BOTH) {
    const [page, session] = await opened(which, async (_session, it) => {
      const text = (Object.values(ANSWERS)[0] ?? "").slice(0, 1_500);
      await it.addInitScript(`globalThis.fake = ${JSON.stringify({ text, piece: 300, every: 0 })}; ${FAKE}`);
    });
    await page.locator("#question").waitFor();
    const heap = async () => {
      await session.send("HeapProfiler.enable");
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      return usedSize / 1e6;
    };
    const turns = async (from: number, to: number) => {
      for (let turn = from; turn < to; turn += 1) {
        await typed(page, `Question ${turn}`);
        await page.waitForFunction((count) => document.querySelectorAll(".answer").length >= count, turn + 1);
        await page.waitForFunction(
          () =>
            document.querySelector(".answer[data-state=waiting], .answer[data-state=writing], .send.stop") ===
            null,
        );
        await page.waitForTimeout(30);
      }
      return heap();
    };
    const [few, many] = [await turns(0, 20), await turns(20, 220)];
    found.push(`${few.toFixed(1)} → ${many.toFixed(1)}`);
    await page.context().close();
  }
  note("heap after 20 turns → after 220, MB", found[0] ?? "", found[1] ?? "");
});
