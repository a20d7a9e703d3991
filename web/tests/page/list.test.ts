// The list of conversations, and what a person keeps.

import { expect, test } from "vitest";

import { answered, ask, openPage, says } from "./world";

const item = (page: import("playwright-core").Page, title: string) =>
  page.locator(".list-items li", { hasText: title });

async function choose(page: import("playwright-core").Page, title: string, what: string): Promise<void> {
  await item(page, title).hover();
  await item(page, title).locator(".icon-button").click();
  await page.getByRole("menuitem", { name: what }).click();
}

test("a conversation is renamed, found, deleted, and brought back", async () => {
  const page = await openPage();
  await says("One.", "Two.");
  await ask(page, "About tea");
  await page.getByText("One.").waitFor();
  await answered(page);
  await page.getByRole("button", { name: "New conversation" }).first().click();
  await ask(page, "About coffee");
  await page.getByText("Two.").waitFor();
  await item(page, "About tea").waitFor();
  await choose(page, "About tea", "Rename");
  await page.locator("input.name").fill("お茶のこと");
  await page.locator("input.name").press("Enter");
  await item(page, "お茶のこと").waitFor();
  await page.getByRole("searchbox").fill("お茶");
  await expect.poll(() => page.locator(".list-items li").count()).toBe(1);
  await page.getByRole("searchbox").fill("");
  await item(page, "About coffee").waitFor();
  await choose(page, "About coffee", "Delete");
  await expect.poll(() => item(page, "About coffee").count()).toBe(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await item(page, "About coffee").waitFor();
  await choose(page, "About coffee", "Delete");
  await page.reload();
  await item(page, "お茶のこと").waitFor();
  await expect.poll(() => item(page, "About coffee").count()).toBe(0);
});

test("a conversation is exported", async () => {
  const page = await openPage();
  await says("Exported words.");
  await ask(page, "About export");
  await answered(page);
  await item(page, "About export").hover();
  await item(page, "About export").locator(".icon-button").click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Export as Markdown" }).click();
  const stream = await (await download).createReadStream();
  let text = "";
  for await (const part of stream) text += String(part);
  expect(text).toContain("Exported words.");
});

test("a person shares a conversation, and ends that", async () => {
  const page = await openPage({ isPerson: true });
  await says("Shared words.");
  await ask(page, "About sharing");
  await answered(page);
  await page.getByRole("button", { name: "Share…" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.locator("#share-link").inputValue();
  const shown = await fetch(link, { headers: { accept: "application/json" } });
  expect(await shown.text()).toContain("Shared words.");
  await page.getByRole("button", { name: "End the link" }).click();
  await page.getByText("The link shows nothing any more").waitFor();
  expect((await fetch(link)).status).toBe(404);
});

test("what is remembered is shown, and forgotten", async () => {
  const page = await openPage({ isPerson: true });
  await says("I will remember that.");
  await ask(page, "Remember that my cat is called Tama");
  await answered(page);
  await page.getByRole("button", { name: "Memory" }).click();
  const fact = page.locator(".facts li", { hasText: "Tama" });
  await fact.waitFor();
  await fact.getByRole("button").click();
  await expect.poll(() => fact.count()).toBe(0);
});

test("somebody signs in by a key, and out", async () => {
  const page = await openPage();
  await page.locator(".who").click();
  await page.getByLabel("API key").fill("miyabi_wrong");
  await page.getByLabel("API key").press("Enter");
  await page.getByText("This is no key, or not any more.").waitFor();
  await page.getByLabel("API key").fill(process.env.MIYABI_KEY ?? "");
  await page.getByLabel("API key").press("Enter");
  await page.getByRole("button", { name: "Memory" }).waitFor();
  expect(await page.evaluate(() => document.cookie)).toBe("");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect.poll(() => page.getByRole("button", { name: "Memory" }).count()).toBe(0);
});

test("nothing of one person is left for the next on the same browser", async () => {
  const page = await openPage({ isPerson: true });
  await page.locator(".empty h2").waitFor();
  await page.locator("#question").fill("my secret draft");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.locator(".who", { hasText: /Visitor|Sign in/ }).waitFor();
  await expect.poll(() => page.locator("#question").inputValue()).toBe("");
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("my secret draft");
});

test("the way to sign in leads there from the settings", async () => {
  const page = await openPage();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("API key").waitFor();
  await page.waitForTimeout(300);
  expect(await page.getByRole("dialog").count()).toBe(1);
});
