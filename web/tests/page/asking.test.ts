// Questions and answers: asked, stopped, asked again, edited, and the same in every tab.

import { expect, test } from "vitest";

import { answered, answers, ask, open, openPage, questions, says } from "./world";

test("an answer is shown as it grows, and is there after a reload", async () => {
  const page = await openPage();
  await ask(page, "[long 1500] [slow 40] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  const early = (await answers(page).innerText()).length;
  await expect
    .poll(async () => (await answers(page).innerText()).length, { timeout: 15_000 })
    .toBeGreaterThan(early + 50);
  await answered(page);
  const whole = await page.locator(".answer .md").innerText();
  await page.reload();
  await answered(page);
  expect(await page.locator(".answer .md").innerText()).toBe(whole);
  expect(await questions(page).count()).toBe(1);
});

test("a reload in the middle goes on where it was, once", async () => {
  const page = await openPage();
  await ask(page, "[long 1500] [slow 50] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  await page.reload();
  await page.locator(".answer[data-state=writing]").waitFor();
  await answered(page);
  expect(await questions(page).count()).toBe(1);
  expect(await answers(page).count()).toBe(1);
});

test("another tab shows the same answer while it is written", async () => {
  const context = await open();
  const one = await openPage(context);
  await ask(one, "[long 1500] [slow 50] in English");
  await one.locator(".answer[data-state=writing]").waitFor();
  const two = await openPage(context, new URL(one.url()).pathname + new URL(one.url()).hash);
  await two.locator(".answer[data-state=writing]").waitFor();
  await answered(one);
  await answered(two);
  expect(await two.locator(".answer .md").innerText()).toBe(await one.locator(".answer .md").innerText());
  expect(await answers(two).count()).toBe(1);
  await says("Written in the second tab.");
  await ask(two, "And from here?");
  await one.getByText("Written in the second tab.").waitFor();
  expect(await questions(one).count()).toBe(2);
});

test("stopping keeps what was said, and says so", async () => {
  const page = await openPage();
  await ask(page, "[long 6000] [slow 100] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  await page.getByRole("button", { name: "Stop answering" }).click();
  await page.locator(".answer[data-state=stopped]").waitFor();
  await page.getByText("Stopped here").waitFor();
  expect((await page.locator(".answer .md").innerText()).length).toBeGreaterThan(0);
  await page.reload();
  await page.locator(".answer[data-state=stopped]").waitFor();
});

test("another answer is a sibling of the first, and both stay", async () => {
  const page = await openPage();
  await says("The first answer.", "The second answer.");
  await ask(page, "Say something");
  await page.getByText("The first answer.").waitFor();
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.getByText("The second answer.").waitFor();
  await answered(page);
  expect(await answers(page).count()).toBe(1);
  await page.getByRole("button", { name: "Version before" }).click();
  await page.getByText("The first answer.").waitFor();
  await page.reload();
  await page.getByText("The second answer.").waitFor();
  await page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
});

test("an edited question is another branch", async () => {
  const page = await openPage();
  await says("About cats.", "About dogs.");
  await ask(page, "Tell me about cats");
  await page.getByText("About cats.").waitFor();
  await answered(page);
  await questions(page).hover();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Edit the question" }).fill("Tell me about dogs");
  await page.getByRole("button", { name: "Ask this instead" }).click();
  await page.getByText("About dogs.").waitFor();
  expect(await page.getByText("About cats.").count()).toBe(0);
  await answered(page);
  await questions(page).hover();
  await page.locator(".question").getByRole("button", { name: "Version before" }).click();
  await page.getByText("About cats.").waitFor();
});

test("an answer that is stopped before its turn is known is stopped all the same", async () => {
  const page = await openPage();
  await page.locator(".empty .suggestions").waitFor();
  await page.route("**/api/chat", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 800));
    await route.continue();
  });
  await ask(page, "[long 6000] [slow 100] in English");
  await page.keyboard.press("Escape");
  await page.locator(".answer[data-state=stopped]").waitFor();
  expect(await questions(page).count()).toBe(1);
  expect(await page.getByText("Sending…").count()).toBe(0);
});

test("another answer goes on after a reload", async () => {
  const page = await openPage();
  await says("The first answer.");
  await ask(page, "[long 1500] [slow 60] in English");
  await page.getByText("The first answer.").waitFor();
  await answered(page);
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.locator(".answer[data-state=writing], .answer[data-state=waiting]").first().waitFor();
  await page.waitForTimeout(700);
  await page.reload();
  await page.locator(".answer[data-state=writing], .answer[data-state=waiting]").first().waitFor();
  await answered(page);
  await page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
});

test("a question on an earlier branch goes on there", async () => {
  const page = await openPage();
  await says("About cats.", "About dogs.", "Cats again.");
  await ask(page, "Cats");
  await page.getByText("About cats.").waitFor();
  await answered(page);
  await questions(page).hover();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Edit the question" }).fill("Dogs");
  await page.getByRole("button", { name: "Ask this instead" }).click();
  await page.getByText("About dogs.").waitFor();
  await answered(page);
  await questions(page).hover();
  await page.locator(".question").getByRole("button", { name: "Version before" }).click();
  await page.getByText("About cats.").waitFor();
  await ask(page, "More");
  await page.getByText("Cats again.").waitFor();
  await answered(page);
  await page.reload();
  await page.getByText("Cats again.").waitFor();
  expect(await page.getByText("About cats.").count()).toBe(1);
  expect(await page.getByText("About dogs.").count()).toBe(0);
});
