// Signing out, and what several tabs of one browser leave to each other.

import { expect, test } from "vitest";

import { answered, ask, open, openPage, says } from "./world";

test("a visitor signs out, is told what that leaves, and is somebody else then", async () => {
  const page = await openPage();
  await says("For a visitor.");
  await ask(page, "A visitor's question");
  await answered(page);
  const before = await page.context().cookies();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("nobody can come back to them").waitFor();
  await page.getByRole("button", { name: "Leave them and sign out" }).click();
  await page.locator(".empty h2").waitFor();
  await expect.poll(() => page.locator(".list-items li").count()).toBe(0);
  await page.getByText("Nothing here yet").waitFor();
  const value = (all: typeof before) => all.find((it) => it.name === "__Host-miyabi")?.value;
  expect(value(await page.context().cookies())).not.toBe(value(before));
  await page.reload();
  await page.getByText("Nothing here yet").waitFor();
});

test("who signs out is not the visitor that this browser was before", async () => {
  const page = await openPage();
  await says("For a visitor.");
  await ask(page, "Before signing in");
  await answered(page);
  await page.locator(".who").click();
  await page.getByLabel("API key").fill(process.env.MIYABI_KEY ?? "");
  await page.getByLabel("API key").press("Enter");
  await page.getByRole("button", { name: "Memory" }).waitFor();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("Nothing here yet").waitFor();
  expect(await page.locator(".list-items li", { hasText: "Before signing in" }).count()).toBe(0);
});

test("two tabs have drafts of their own, and one that was closed leaves its draft to the next", async () => {
  const context = await open();
  const [first, second] = [await openPage(context), await openPage(context)];
  await first.locator("#question").fill("the first tab's");
  await second.locator("#question").fill("the second tab's");
  for (const [page, text] of [
    [first, "the first tab's"],
    [second, "the second tab's"],
  ] as const) {
    await page.reload();
    await expect.poll(() => page.locator("#question").inputValue()).toBe(text);
  }
  const third = await openPage(context);
  await third.locator(".suggestions").waitFor();
  await third.waitForTimeout(800);
  expect(await third.locator("#question").inputValue()).toBe("");
  await second.close();
  await third.close();
  const fourth = await openPage(context);
  await expect.poll(() => fourth.locator("#question").inputValue()).toBe("the second tab's");
  expect(await first.locator("#question").inputValue()).toBe("the first tab's");
});
