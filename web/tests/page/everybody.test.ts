// The page for everybody: by keyboard, for screen readers, from right to left, zoomed, and calm.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { answered, ask, type Look, openPage, says } from "./world";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Returns what axe finds, with where it found it. */
async function findings(page: Page): Promise<string[]> {
  // The page's policy lets no script in, so it is handed to the browser itself.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}

const ANSWER =
  "## 京都の天気\n\n**曇り**です。\n\n| 時刻 | 気温 |\n| --- | --: |\n| 9 | 14 °C |\n\n```rust\nfn main() {}\n```\n\n> 羽織るものを。\n\n$e^{i\\pi}$ [出典](https://open-meteo.com)";

const states: [string, (page: Page) => Promise<unknown>][] = [
  ["empty", async () => {}],
  ["temporary", (page) => page.locator(".switch").click()],
  [
    "temporary answered",
    async (page) => {
      await says(ANSWER);
      await ask(page, "京都の天気は?");
      await answered(page);
    },
  ],
  [
    "over budget",
    async (page) => {
      await page.route("**/api/chat", (route) => {
        const body = JSON.stringify({ status: 429, code: "quota_exceeded", detail: "used up" });
        return route.fulfill({ status: 429, contentType: "application/problem+json", body });
      });
      await page.keyboard.press("Control+Shift+o");
      await page.locator(".empty h2").waitFor();
      await ask(page, "もう一つ?");
      await page.locator(".refusal").waitFor();
      await page.unroute("**/api/chat");
      await page.keyboard.press("Control+Shift+o");
    },
  ],
  [
    "answered",
    async (page) => {
      await says(ANSWER);
      await ask(page, "京都の天気は?");
      await answered(page);
    },
  ],
  ["menu", (page) => page.locator(".list-items .icon-button").first().click({ force: true })],
  ["menu closed", (page) => page.keyboard.press("Escape")],
  ["details", (page) => page.locator(".answer .icon-button[aria-expanded]").last().click()],
  ["settings", (page) => page.locator(".list-foot .icon-button").last().click()],
  ["settings closed", (page) => page.keyboard.press("Escape")],
  [
    "keys",
    (page) =>
      page
        .evaluate(() => (document.activeElement as HTMLElement).blur())
        .then(() => page.keyboard.press("?")),
  ],
];

for (const theme of ["light", "dark"] as const) {
  for (const language of ["en", "ja"] as const) {
    test(`axe finds nothing in any state, ${theme}, ${language}`, async () => {
      const look: Look = { theme, language, isPerson: true };
      const page = await openPage(look);
      await page.locator(".empty h2").waitFor();
      for (const [name, go] of states) {
        await go(page);
        await page.waitForTimeout(250);
        expect(await findings(page), name).toEqual([]);
      }
    });
  }
}

test("axe finds nothing on a phone, with the list open and closed", async () => {
  const page = await openPage({ isPhone: true });
  await page.locator(".empty h2").waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "Show conversations" }).click();
  await page.waitForTimeout(350);
  expect(await findings(page)).toEqual([]);
});

test("the keyboard alone is enough", async () => {
  const page = await openPage();
  await page.locator(".empty h2").waitFor();
  // From the beginning of the page, and not from where the focus is put at first.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.className)).toBe("skip");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("question");
  await says("By keyboard.");
  await page.keyboard.type("Is a mouse needed?");
  await page.keyboard.press("Enter");
  await page.getByText("By keyboard.").waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("question");
  await page.keyboard.press("ArrowUp");
  await page.getByRole("textbox", { name: "Edit the question" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("search");
  await page.keyboard.press("Control+Shift+o");
  await page.locator(".empty h2").waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("/");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("question");
});

test("Escape stops an answer", async () => {
  const page = await openPage();
  await ask(page, "[long 6000] [slow 100] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".answer[data-state=stopped]").waitFor();
});

test("a screen reader hears when an answer begins and ends, and not each word", async () => {
  const page = await openPage();
  const log = page.getByRole("log");
  await ask(page, "[long 1500] [slow 60] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  expect(await log.getAttribute("aria-live")).toBe("off");
  expect(await log.getAttribute("aria-busy")).toBe("true");
  await page.locator("p[role=status]", { hasText: "Miyabi is writing" }).waitFor({ state: "attached" });
  await answered(page);
  await page.locator("p[role=status]", { hasText: "The answer is complete" }).waitFor({ state: "attached" });
  expect(await log.getAttribute("aria-busy")).toBe("false");
});

test("Arabic is set from right to left, and code is not", async () => {
  const page = await openPage();
  await says("مرحبا بالعالم\n\n```\nlet x = 1;\n```");
  await ask(page, "مرحبا");
  await answered(page);
  const direction = (selector: string) =>
    page
      .locator(selector)
      .last()
      .evaluate((it) => getComputedStyle(it).direction);
  expect(await direction(".answer .md p")).toBe("rtl");
  expect(await direction(".answer pre")).toBe("ltr");
  expect(await direction(".bubble")).toBe("rtl");
});

for (const [name, options] of [
  ["at 200 % zoom", { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ["on a narrow phone", { viewport: { width: 320, height: 568 } }],
] as const) {
  test(`nothing is cut off ${name}`, async () => {
    const page = await openPage({ options });
    await says(ANSWER + "\n\n" + "x".repeat(300));
    await ask(page, "京都の天気は? " + "y".repeat(200));
    await answered(page);
    const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(width[0]).toBeLessThanOrEqual(width[1] ?? 0);
    await page.locator("#question").scrollIntoViewIfNeeded();
    expect(await page.locator("#question").isVisible()).toBe(true);
  });
}

test("who wants less motion sees none", async () => {
  const page = await openPage({ options: { reducedMotion: "reduce" } });
  await ask(page, "[long 800] [slow 100] in English");
  await page.locator(".thinking, .answer[data-state=writing]").first().waitFor();
  const lasting = await page.evaluate(
    () => document.getAnimations().filter((it) => Number(it.effect?.getComputedTiming().duration) > 1).length,
  );
  expect(lasting).toBe(0);
});

test("the page can be installed", async () => {
  const page = await openPage();
  const session = await page.context().newCDPSession(page);
  const { errors } = (await session.send("Page.getAppManifest")) as { errors: unknown[] };
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  expect(installabilityErrors.filter((it) => it.errorId !== "in-incognito")).toEqual([]);
});
