// A conversation that leaves nothing behind.

import { expect, test } from "vitest";

import { answered, answers, ask, open, openPage, questions, says } from "./world";

test("a temporary chat goes on in its tab, over a reload, and is in no list and kept by no browser", async () => {
  const context = await open({ isPerson: true });
  const page = await openPage(context);
  await page.locator("#question").fill("Remember that my fish is called Kohaku");
  const begin = page.getByRole("button", { name: "Temporary chat" });
  await begin.click();
  expect(await begin.getAttribute("aria-pressed")).toBe("true");
  // What was typed comes along.
  expect(await page.locator("#question").inputValue()).toContain("Kohaku");
  await says("I will not.", "Still here.");
  await page.locator("#question").press("Enter");
  await page.getByText("I will not.").waitFor();
  await answered(page);
  expect(page.url()).toContain("#/c/temporary.");
  await page.getByRole("heading", { level: 1, name: "Temporary chat" }).waitFor();
  expect(await page.getByText("remembered:").count()).toBe(0);
  expect(await page.getByRole("button", { name: "Share…" }).count()).toBe(0);
  await page.reload();
  await page.getByText("I will not.").waitFor();
  await ask(page, "And now?");
  await page.getByText("Still here.").waitFor();
  await answered(page);
  expect(await questions(page).count()).toBe(2);
  await page.locator("#question").fill("Kohaku, not sent");
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("Kohaku");

  const other = await context.newPage();
  await other.goto("/");
  await other.locator(".empty h2").waitFor();
  await other.getByText("Loading…").waitFor({ state: "detached" });
  expect(await other.locator(".list-items li", { hasText: "Kohaku" }).count()).toBe(0);
  expect(await other.locator("#question").inputValue()).toBe("");
  expect(await begin.count()).toBe(0);
  // The next one is none, unless that is asked for again.
  await page.getByRole("button", { name: "New conversation" }).first().click();
  expect(await begin.getAttribute("aria-pressed")).toBe("false");
  await says("Listed.");
  await ask(page, "Plain question");
  await answered(page);
  expect(page.url()).not.toContain("temporary");
  await page.locator(".list-items li", { hasText: "Plain question" }).waitFor();
});

test("one that is over says so", async () => {
  const page = await openPage({}, "/#/c/temporary.long-gone");
  await page.getByText("A temporary chat is gone a day after its last question.").waitFor();
  expect(await answers(page).count()).toBe(0);
});
