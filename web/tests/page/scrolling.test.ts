// The end of the log is followed while its reader is there, and only then.

import { expect, test } from "vitest";

import { answered, ask, openPage } from "./world";

/** A page whose answer is longer than its window, and still grows. */
async function growing() {
  const page = await openPage({ options: { viewport: { width: 1000, height: 520 } } });
  const log = page.locator(".scroller");
  await ask(page, "[long 2500] [slow 40] in English");
  await expect
    .poll(() => log.evaluate((it) => it.scrollHeight - it.clientHeight), { timeout: 20_000 })
    .toBeGreaterThan(200);
  return { page, log };
}

test("a growing answer is followed until its reader scrolls up, and again from the end", async () => {
  const { page, log } = await growing();
  const distance = () => log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
  expect(await distance()).toBeLessThan(60);
  await log.hover();
  await page.mouse.wheel(0, -150);
  await page.getByRole("button", { name: "Jump to the latest message" }).waitFor();
  const top = await log.evaluate((it) => it.scrollTop);
  await page.waitForTimeout(800);
  expect(Math.abs((await log.evaluate((it) => it.scrollTop)) - top)).toBeLessThan(3);
  await page.getByRole("button", { name: "Jump to the latest message" }).click();
  await expect.poll(distance).toBeLessThan(60);
  await answered(page);
  await expect.poll(distance).toBeLessThan(60);
  expect(await page.getByRole("button", { name: "Jump to the latest message" }).count()).toBe(0);
});

test("selecting text stops the following", async () => {
  const { page } = await growing();
  await page.evaluate(() => {
    const text = document.querySelector(".answer .md p");
    if (text) document.getSelection()?.selectAllChildren(text);
  });
  await page.getByRole("button", { name: "Jump to the latest message" }).waitFor();
  expect(await page.evaluate(() => String(document.getSelection()).length)).toBeGreaterThan(10);
});

test("the last step of following does not begin it again under a selection", async () => {
  const { page, log } = await growing();
  await log.evaluate(async (it) => {
    const selected = new Promise((done) => {
      document.addEventListener("selectionchange", done, { once: true });
    });
    const text = document.querySelector(".answer .md p");
    if (text) document.getSelection()?.selectAllChildren(text);
    await selected;
    // What the browser tells of a step that was made before comes only now.
    it.dispatchEvent(new Event("scroll"));
  });
  await page.getByRole("button", { name: "Jump to the latest message" }).waitFor();
});
