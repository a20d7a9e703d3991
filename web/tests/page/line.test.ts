// Lines that are slow, cut, or lie: the answer goes on, and a question is asked once.

import type { Route } from "playwright-core";
import { expect, test } from "vitest";

import { answered, answers, ask, open, openPage, questions, says } from "./world";

test("a line that is cut in the middle of an answer is taken up again", async () => {
  const page = await openPage();
  await ask(page, "[long 1500] [slow 50] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  await page.context().setOffline(true);
  await page.getByText("You are offline").waitFor();
  await page.waitForTimeout(1_500);
  await page.context().setOffline(false);
  await answered(page);
  expect(await questions(page).count()).toBe(1);
  expect(await answers(page).count()).toBe(1);
  const shown = await page.locator(".answer .md").innerText();
  await page.reload();
  await answered(page);
  expect(await page.locator(".answer .md").innerText()).toBe(shown);
});

test("an answer that ended while the line was down is read when it is back", async () => {
  const page = await openPage();
  await ask(page, "[long 800] [slow 40] in English");
  await page.locator(".answer[data-state=writing]").waitFor();
  await page.context().setOffline(true);
  await page.waitForTimeout(6_000);
  await page.context().setOffline(false);
  await answered(page);
  expect((await page.locator(".answer .md").innerText()).length).toBeGreaterThan(500);
  expect(await answers(page).count()).toBe(1);
});

test("a question whose request was lost on its way is sent again, once", async () => {
  const page = await openPage();
  await says("Answered once.");
  let lost = 0;
  await page.route("**/api/chat", (route) => {
    lost += 1;
    return lost <= 2 ? route.abort("connectionreset") : route.continue();
  });
  await ask(page, "Does this arrive?");
  await page.getByText("Answered once.").waitFor();
  expect(lost).toBe(3);
  await page.reload();
  await page.getByText("Answered once.").waitFor();
  expect(await questions(page).count()).toBe(1);
});

test("a question whose reply was lost is one turn", async () => {
  const page = await openPage();
  await says("One turn.", "A second turn.");
  let count = 0;
  await page.route("**/api/chat", async (route) => {
    count += 1;
    if (count > 1) return route.continue();
    // The Worker has it, and the page never hears of that.
    await route.fetch().catch(() => null);
    return route.abort("connectionreset");
  });
  await ask(page, "Is this asked twice?");
  await page.getByText("One turn.").waitFor();
  await page.unroute("**/api/chat");
  await page.reload();
  await page.getByText("One turn.").waitFor();
  expect(await questions(page).count()).toBe(1);
  expect(await page.getByText("A second turn.").count()).toBe(0);
});

test("a page that is closed before its question was confirmed sends it when it opens again", async () => {
  const context = await open();
  const page = await openPage(context);
  await says("Late, but there.");
  await page.route("**/api/chat", (route) => route.abort("connectionreset"));
  await ask(page, "Do not lose me");
  await page.getByText("Do not lose me").first().waitFor();
  const at = page.url();
  await page.close();
  const again = await context.newPage();
  await again.goto(at);
  await again.getByText("Late, but there.").waitFor();
  await answered(again);
  await again.reload();
  await again.getByText("Late, but there.").waitFor();
  expect(await questions(again).count()).toBe(1);
});

test("a slow line shows that it is waited for", async () => {
  const page = await openPage();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 600,
    downloadThroughput: 6_000,
    uploadThroughput: 6_000,
  });
  await says("It came through.");
  await ask(page, "Are you there?");
  await page
    .getByText(/Sending…|Thinking…/)
    .first()
    .waitFor();
  await page.getByText("It came through.").waitFor();
});

/** Refuses a question as the Worker does where somebody asks too fast. */
function refuse(route: Route, headers: Record<string, string> = {}): Promise<void> {
  const problem = {
    type: "about:blank",
    title: "no",
    status: 429,
    code: "too_many_requests",
    detail: "slower",
  };
  const contentType = "application/problem+json";
  return route.fulfill({ status: 429, headers, contentType, body: JSON.stringify(problem) });
}

test("a refusal is told in words, and the question stays to be sent again", async () => {
  const page = await openPage();
  let refused = 0;
  await page.route("**/api/chat", (route) => {
    refused += 1;
    if (refused > 1) return route.continue();
    return refuse(route, { "retry-after": "7" });
  });
  await ask(page, "Too fast?");
  await page.getByText("That was faster than allowed. Wait 7 seconds, please.").waitFor();
  await page.getByText("Not sent").waitFor();
  await says("Not any more.");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Not any more.").waitFor();
  expect(await questions(page).count()).toBe(1);
});

test("what is refused while the page still reads its list is not sent again by itself", async () => {
  const context = await open({ isPerson: true });
  let goOn = () => {};
  const isRefused = new Promise<void>((done) => (goOn = done));
  await context.route(/\/api\/conversations(\?|$)/, async (route) => {
    await isRefused;
    await route.continue();
  });
  let asked = 0;
  await context.route("**/api/chat", (route) => {
    asked += 1;
    return refuse(route);
  });
  const page = await openPage(context);
  await ask(page, "Too early?");
  await page.getByText("Not sent").waitFor();
  const listed = page.waitForResponse(/\/api\/conversations(\?|$)/);
  goOn();
  await listed;
  // What the page was about to send would be sent by now: it is named as soon as the list is read.
  await page.waitForLoadState("networkidle");
  expect(asked).toBe(1);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  expect(await questions(page).count()).toBe(1);
  // It stays for the next page, and is put into no field of this one.
  const kept = () => page.evaluate(() => Object.entries(localStorage).map((it) => it.join(" ")));
  expect((await kept()).some((it) => it.includes("outbox") && it.includes("Too early?"))).toBe(true);
});

test("a refused edit is sent again as the edit that it was, and a refused question outlives a reload", async () => {
  const page = await openPage();
  await says("About cats.", "About dogs.");
  await ask(page, "Cats");
  await page.getByText("About cats.").waitFor();
  await answered(page);
  let isRefused = true;
  await page.route("**/api/chat", (route) => {
    if (!isRefused) return route.continue();
    return refuse(route);
  });
  await questions(page).hover();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Edit the question" }).fill("Dogs");
  await page.getByRole("button", { name: "Ask this instead" }).click();
  await page.getByText("Not sent").waitFor();
  isRefused = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("About dogs.").waitFor();
  await answered(page);
  await page
    .locator(".question")
    .getByRole("group", { name: "Version 2 of 2" })
    .waitFor({ state: "attached" });
  isRefused = true;
  await ask(page, "Not lost");
  await page.getByText("Not sent").waitFor();
  await page.reload();
  await expect.poll(() => page.locator("#question").inputValue(), { timeout: 10_000 }).toBe("Not lost");
});

test("a budget that is used up says what happened, until when, and what can be done, and keeps the question", async () => {
  const page = await openPage();
  let isUsedUp = true;
  await page.route("**/api/chat", (route) => {
    if (!isUsedUp) return route.continue();
    const detail = "Sorry, your budget for today is used up. It is new again at 00:00 UTC.";
    const body = JSON.stringify({ status: 429, code: "quota_exceeded", detail });
    return route.fulfill({ status: 429, contentType: "application/problem+json", body });
  });
  await ask(page, "One more?");
  const card = page.getByRole("alert");
  await card.getByText("That is all for today").waitFor();
  await card.getByText("Sorry, your budget for today is used up.", { exact: true }).waitFor();
  expect(await card.innerText()).toMatch(/It is new again at \d.*, in \d+ (hours?|minutes?)\./);
  expect(await page.locator(".notice").count()).toBe(0);
  isUsedUp = false;
  await says("There you are.");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("There you are.").waitFor();
  expect(await card.count()).toBe(0);
  expect(await questions(page).count()).toBe(1);
});

test("a key that may not ask is told so, before and after the question", async () => {
  const page = await openPage();
  await page.route("**/api/session", async (route) => {
    const told = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...told, who: "person", name: "reader", scopes: ["chat:read"] } });
  });
  await page.reload();
  await page.getByText("This key may not ask").waitFor();
  await page.getByRole("button", { name: "Sign in otherwise" }).click();
  await page.getByRole("dialog").waitFor();
});
