// Where the focus is: after something has gone, above the page, and over a keyboard on glass.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { answered, ask, openPage, says } from "./world";

const focused = (page: Page) =>
  page.evaluate(() => {
    const it = document.activeElement;
    return it?.getAttribute("data-does") ?? it?.getAttribute("href") ?? it?.id ?? it?.tagName ?? "";
  });

async function two(page: Page): Promise<void> {
  for (const question of ["About tea", "About coffee"]) {
    await says("Yes.");
    await page.getByRole("button", { name: "New conversation" }).first().click();
    await ask(page, question);
    await answered(page);
    await page.locator(".list-items li", { hasText: question }).waitFor();
  }
}

/** Chooses in the menu of the first conversation, by keyboard alone. */
async function choose(page: Page, name: string): Promise<void> {
  await page.locator(".list-items li > a").first().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name }).focus();
  await page.keyboard.press("Enter");
}

test("what was deleted by keyboard is brought back by keyboard, and its notice waits for that", async () => {
  const page = await openPage();
  await two(page);
  await page.clock.install();
  const items = page.locator(".list-items li");
  await choose(page, "Delete");
  await expect.poll(() => focused(page)).toBe("undo");
  expect(await items.count()).toBe(1);
  await page.clock.runFor(60_000);
  await page.keyboard.press("Enter");
  await expect.poll(() => items.count()).toBe(2);
  // It was the one that is shown, and is shown again.
  await expect.poll(() => focused(page)).toBe("question");
  // The same by a key, from anywhere but a field.
  await choose(page, "Delete");
  await expect.poll(() => items.count()).toBe(1);
  await page.locator(".list-items li > a").first().focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => items.count()).toBe(2);
  // One that nobody takes back goes when nobody is at it any more.
  await choose(page, "Delete");
  await expect.poll(() => focused(page)).toBe("undo");
  await page.locator(".list-items li > a").first().focus();
  await page.clock.runFor(25_000);
  await expect.poll(() => page.locator(".notice").count()).toBe(0);
  await page.reload();
  await expect.poll(() => items.count()).toBe(1);
});

test("a notice stays while it is pointed at", async () => {
  const page = await openPage();
  await two(page);
  await page.clock.install();
  await page.locator(".list-items li").first().hover();
  await page.locator(".list-items .icon-button").first().click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.locator(".notice").hover();
  await page.clock.runFor(60_000);
  expect(await page.locator(".notice").count()).toBe(1);
  await page.mouse.move(1, 1);
  await page.clock.runFor(25_000);
  await expect.poll(() => page.locator(".notice").count()).toBe(0);
});

test("who renames a conversation by keyboard is at it then", async () => {
  const page = await openPage();
  await two(page);
  await choose(page, "Rename");
  await page.locator("input.name").fill("お茶");
  await page.keyboard.press("Enter");
  await page.locator(".list-items li", { hasText: "お茶" }).waitFor();
  await expect.poll(() => focused(page)).toMatch(/^#\/c\//);
  await choose(page, "Rename");
  await page.locator("input.name:focus").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => focused(page)).toMatch(/^#\/c\//);
});

test("on a phone the open list is all there is, and Escape closes it", async () => {
  const page = await openPage({ isPhone: true });
  await page.locator(".empty h2").waitFor();
  const opener = page.getByRole("button", { name: "Show conversations" });
  await opener.click();
  await page.waitForTimeout(350);
  expect(await page.locator("main").evaluate((it) => it.hasAttribute("inert"))).toBe(true);
  for (let press = 0; press < 12; press += 1) {
    const isInside = () =>
      page.evaluate(
        () => document.activeElement === document.body || !!document.activeElement?.closest("nav"),
      );
    expect(await isInside()).toBe(true);
    await page.keyboard.press("Tab");
  }
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.locator("main").evaluate((it) => it.hasAttribute("inert"))).toBe(false);
  await expect.poll(() => opener.evaluate((it) => it === document.activeElement)).toBe(true);
});

test("a keyboard that lies over the page leaves the field above it", async () => {
  const page = await openPage({ isPhone: true });
  await page.locator(".empty h2").waitFor();
  const cover = (by: number, scale: number) =>
    page.evaluate(
      ([by, scale]) => {
        const of = (value: number) => ({ configurable: true, get: () => value });
        Object.defineProperty(visualViewport, "height", of(innerHeight - (by ?? 0)));
        Object.defineProperty(visualViewport, "scale", of(scale ?? 1));
        visualViewport?.dispatchEvent(new Event("resize"));
      },
      [by, scale],
    );
  const bottom = () => page.locator(".composer").evaluate((it) => it.getBoundingClientRect().bottom);
  const before = await bottom();
  await cover(336, 1);
  expect(Math.round(before - (await bottom()))).toBe(336);
  await cover(0, 1);
  expect(await bottom()).toBe(before);
  await cover(400, 2);
  expect(await bottom()).toBe(before);
});
