// Streams answers into the page, flush by flush, and says what each flush cost with its layout.
import { h, render } from "preact";
import { Markdown } from "../../../src/markdown";
import { HOSTILE } from "../hostile";
import { faults } from "../inspect";
import { TEXTS } from "./texts";

/** 48 KB in 20 seconds at 16 flushes a second. */
const FLUSHES = 320;
const FLUSH_MS = 62;

/** Milliseconds of one answer: what script and layout took in all flushes, and single ones. */
export interface Row {
  name: string;
  script: number;
  layout: number;
  median: number;
  p99: number;
  worst: number;
  close: number;
  once: number;
}

interface Cost {
  scriptMs: number;
  layoutMs: number;
}

const round = (value: number) => Math.round(value * 100) / 100;

function timed(root: HTMLElement, text: string, isOpen: boolean): Cost {
  const startMs = performance.now();
  render(h(Markdown, { text, isOpen }), root);
  const drawnMs = performance.now();
  void root.offsetHeight;
  return { scriptMs: drawnMs - startMs, layoutMs: performance.now() - drawnMs };
}

function whole({ scriptMs, layoutMs }: Cost): number {
  return round(scriptMs + layoutMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Streams one text and measures it. */
async function measure(name: string, text: string): Promise<Row> {
  const root = document.createElement("main");
  document.body.replaceChildren(root);
  const costs: Cost[] = [];
  for (let flush = 1; flush <= FLUSHES; flush += 1) {
    const cost = timed(root, text.slice(0, Math.ceil((text.length * flush) / FLUSHES)), true);
    costs.push(cost);
    await pause(Math.max(0, FLUSH_MS - whole(cost)));
  }
  const close = whole(timed(root, text, false));
  const fresh = document.createElement("main");
  document.body.replaceChildren(fresh);
  const once = whole(timed(fresh, text, false));
  const sorted = costs.map(whole).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  const sum = (part: keyof Cost) => round(costs.reduce((total, cost) => total + cost[part], 0));
  return {
    name,
    script: sum("scriptMs"),
    layout: sum("layoutMs"),
    median: at(0.5),
    p99: at(0.99),
    worst: at(1),
    close,
    once,
  };
}

/** Every text of the benchmark, one after the other. */
export async function benchmark(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, text] of Object.entries(TEXTS)) rows.push(await measure(name, text));
  return rows;
}

/** What of the hostile corpus is wrong in this browser: element faults, and answers that took long. */
export async function hostile(longestMs: number): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, text } of HOSTILE) {
    const root = document.createElement("main");
    document.body.replaceChildren(root);
    const costMs = whole(timed(root, text, false));
    await pause(0);
    await pause(0);
    wrong.push(...faults(root).map((fault) => `${name}: ${fault}`));
    if (costMs > longestMs) wrong.push(`${name}: ${String(costMs)} ms`);
    render(null, root);
  }
  return wrong;
}
