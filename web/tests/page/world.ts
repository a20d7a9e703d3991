// What all tests of the page share: a browser, the Worker, and the lab that plays the models.

import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask page test\``);
  return value;
}

export const url = setting("MIYABI_URL");
const lab = setting("LAB_URL");
export const key = setting("MIYABI_KEY");

export interface Look {
  language?: "en" | "ja";
  theme?: "light" | "dark";
  isPhone?: boolean;
  /** Whether somebody signed in looks; else it is a visitor. */
  isPerson?: boolean;
  options?: BrowserContextOptions;
}

let browser: Browser;
const contexts: BrowserContext[] = [];
/** What must not happen on any page, as it happened. */
export const mishaps: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: setting("CHROMIUM"), args: ["--no-sandbox"] });
});

beforeEach(async () => {
  mishaps.length = 0;
  await labPost("/lab/reset", {});
});

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  expect(mishaps).toEqual([]);
});

afterAll(() => browser.close());

/** Opens a window of its own: nothing is shared with other windows. */
export async function open({
  language = "en",
  theme = "light",
  isPhone = false,
  isPerson = false,
  options = {},
}: Look = {}): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: isPhone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    deviceScaleFactor: isPhone ? 2 : 1,
    hasTouch: isPhone,
    isMobile: isPhone,
    locale: language === "ja" ? "ja-JP" : "en-US",
    colorScheme: theme,
    baseURL: url,
    ...options,
  });
  contexts.push(context);
  context.setDefaultTimeout(15_000);
  context.on("page", watch);
  if (isPerson) {
    const reply = await context.request.post("/api/session", {
      data: { key },
      headers: { "sec-fetch-site": "same-origin", origin: url },
    });
    expect(reply.status()).toBe(200);
  }
  return context;
}

/** Notes errors, dialogues, broken policies and requests to anywhere else. */
function watch(page: Page): void {
  page.on("pageerror", (error) => mishaps.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    mishaps.push(`dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (line) => {
    // The browser itself notes each status of 400 and more, and each lost line.
    if (line.type() === "error" && !line.text().startsWith("Failed to load resource"))
      mishaps.push(`console: ${line.text()}`);
  });
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (to.protocol.startsWith("http") && to.origin !== new URL(url).origin)
      mishaps.push(`request: ${to.origin}`);
  });
}

/** Opens the page, in a window of its own or in this one. */
export async function openPage(look: Look | BrowserContext = {}, at = "/"): Promise<Page> {
  const context = "newPage" in look ? look : await open(look);
  const page = await context.newPage();
  await page.goto(at);
  return page;
}

export async function labPost(path: string, body: unknown): Promise<void> {
  const reply = await fetch(lab + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(reply.ok, `${path}: ${await reply.text()}`).toBe(true);
}

/** Has the model say these, one after the other. */
export function says(...answers: string[]): Promise<void> {
  const usage = { prompt_tokens: 512, completion_tokens: 148, total_tokens: 660, neurons: 43.97 };
  return labPost("/lab/ai/script", {
    replies: answers.map((response) => ({ response, tool_calls: [], usage })),
  });
}

/** Types a question and sends it. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.locator("#question").fill(question);
  const hasKeyboard = await page.evaluate(() => matchMedia("(hover: hover) and (pointer: fine)").matches);
  if (hasKeyboard) await page.locator("#question").press("Enter");
  else await page.locator("button.send").click();
}

export const answers = (page: Page) => page.locator(".answer");
export const questions = (page: Page) => page.locator(".question");

/** Waits until the last answer is whole. */
export async function answered(page: Page): Promise<void> {
  const open = page.locator(".answer[data-state=waiting], .answer[data-state=writing]");
  await page.locator(".answer").last().waitFor();
  await open.waitFor({ state: "detached", timeout: 45_000 });
  await page.locator(".answer[data-state=done]").last().waitFor();
}
