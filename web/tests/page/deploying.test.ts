// A deployment in the middle of an answer: the Worker is killed and started again while the page shows it.

import { expect, test } from "vitest";

import { answered, answers, ask, openPage, questions } from "./world";

test(
  "an answer goes on over a deployment, once, and nothing typed meanwhile is lost",
  { timeout: 180_000 },
  async () => {
    const page = await openPage();
    await ask(page, "[long 3000] [slow 60] in English");
    await page.locator(".answer[data-state=writing]").waitFor();
    // Enough of it that the same words do not come again.
    await page.waitForFunction(() => (document.querySelector(".answer .md")?.textContent?.length ?? 0) > 40);
    const before = (await page.locator(".answer .md").innerText()).slice(0, 40);
    await page.locator("#question").fill("typed meanwhile");
    const reply = await fetch(process.env.DEPLOY_URL ?? "");
    expect(reply.status).toBe(204);
    await page.locator(".answer[data-state=done]").waitFor({ timeout: 60_000 });
    expect(await page.locator("#question").inputValue()).toBe("typed meanwhile");
    const shown = await page.locator(".answer .md").innerText();
    expect(shown.startsWith(before)).toBe(true);
    expect(shown.length).toBeGreaterThan(2_500);
    // Not the one answer behind the other.
    expect(shown.indexOf(before, 1)).toBe(-1);
    expect([await questions(page).count(), await answers(page).count()]).toEqual([1, 1]);
    await page.reload();
    await answered(page);
    expect(await page.locator(".answer .md").innerText()).toBe(shown);
    expect([await questions(page).count(), await answers(page).count()]).toEqual([1, 1]);
  },
);
