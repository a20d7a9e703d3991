// Pictures of every state, on a desk and a phone, light and dark, in both languages; the best go into docs/images.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";

import { answered, ask, labPost, type Look, openPage, says } from "../page/world";

const pictures = process.env.PICTURES ?? "";
mkdirSync(pictures, { recursive: true });

const KYOTO =
  "日曜の京都は**曇り**のち晴れ、最高 19 °C です。傘は要りません。\n\n" +
  "| 時刻 | 天気 | 気温 | 降水 |\n|---|---|--:|--:|\n| 9時 | 曇り | 14 °C | 20 % |\n| 12時 | 晴れ | 18 °C | 10 % |\n| 18時 | 晴れ | 15 °C | 0 % |\n\n" +
  "### 回る順番\n\n1. **銀閣寺** – 朝のうちは空いています\n2. 哲学の道を南へ、約 40 分\n3. 南禅寺の水路閣\n\n> 夕方は冷えそうです。羽織るものを一枚どうぞ。";
const RUST =
  "`retain` keeps what the closure says **yes** to, in place and in order:\n\n" +
  '```rust\nlet mut words = vec!["miyabi", "", "雅"];\nwords.retain(|word| !word.is_empty());\nassert_eq!(words, ["miyabi", "雅"]);\n```\n\n' +
  "It looks at each of the $n$ elements once, so it is $O(n)$; `swap_remove` in a loop is faster only if the order does not matter.";

const looks: [string, Look][] = (["light", "dark"] as const).flatMap((theme) =>
  (["en", "ja"] as const).flatMap((language) =>
    [false, true].map((isPhone): [string, Look] => [
      `${isPhone ? "phone" : "desk"}-${theme}-${language}`,
      { theme, language, isPhone, isPerson: true },
    ]),
  ),
);

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(1, 1);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

for (const [name, look] of looks) {
  test(name, { timeout: 180_000 }, async () => {
    const question =
      look.language === "ja"
        ? "日曜日に京都を歩くなら、天気はどう?道順も教えて。"
        : "How do I drop the empty strings of a Vec?";
    const page = await openPage(look);
    await page.locator(".empty h2").waitFor();
    await take(page, `${name}-empty`);
    await says(look.language === "ja" ? KYOTO : RUST);
    await ask(page, question);
    await answered(page);
    await take(page, `${name}-answered`);
    await ask(page, "[long 4000] [slow 100] in English");
    await page.locator(".answer[data-state=writing]").waitFor();
    await page.waitForTimeout(1200);
    await take(page, `${name}-streaming`);
    await page.locator(".send.stop").click();
    await page.locator(".answer[data-state=stopped]").waitFor();
    await page.locator(".answer .icon-button[aria-expanded]").last().click();
    await take(page, `${name}-stopped-details`);
    if (look.isPhone) {
      await page.locator(".top-bar .icon-button").first().click();
      await take(page, `${name}-list`);
    }
    for (const [panel, index] of [
      ["memory", 0],
      ["settings", -1],
    ] as const) {
      const buttons = page.locator(".list-foot .icon-button:visible");
      await (index === 0 ? buttons.first() : buttons.last()).click();
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(pictures, `${name}-${panel}.png`) });
      await page.keyboard.press("Escape");
    }
    await page.goto("/#/c/not-there");
    await page.reload();
    await page.locator(".nothing").first().waitFor();
    await take(page, `${name}-gone`);
    await page.goto("/#/");
    await page.reload();
    await page.locator(".switch").click();
    await page.waitForTimeout(300);
    await take(page, `${name}-temporary`);
    await says(look.language === "ja" ? "はい、ここだけの話です。" : "Yes, between us alone.");
    await ask(page, question);
    await answered(page);
    await take(page, `${name}-temporary-answered`);
    for (const code of ["quota_exceeded", "insufficient_scope"]) {
      await page.goto("/#/");
      await page.reload();
      await page.route("**/api/chat", (route) => {
        const detail =
          look.language === "ja"
            ? "ごめんなさい、あなたの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
            : "Sorry, your budget for today is used up. It is new again at 00:00 UTC.";
        const contentType = "application/problem+json";
        const status = code === "quota_exceeded" ? 429 : 403;
        return route.fulfill({ status, contentType, body: JSON.stringify({ status, code, detail }) });
      });
      await ask(page, question);
      await page.locator(".refusal").waitFor();
      await take(page, `${name}-${code}`);
      await page.unroute("**/api/chat");
    }
    await page.goto("/#/");
    await page.reload();
    await labPost("/lab/faults", { match: { operation: "ai_run" }, times: 9, then: { status: 500 } });
    await ask(page, question);
    await page.locator(".answer[data-state=failed]").waitFor({ timeout: 90_000 });
    await take(page, `${name}-failed`);
    await page.context().setOffline(true);
    await take(page, `${name}-offline`);
    await page.context().setOffline(false);
  });
}

test("who is not signed in", async () => {
  for (const theme of ["light", "dark"] as const) {
    const page = await openPage({ theme });
    await page.route("**/api/session", async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ json: { ...(await reply.json()), who: "nobody", isAnonymous: false } });
    });
    await page.reload();
    await page.locator(".empty h2").waitFor();
    await take(page, `desk-${theme}-en-not-allowed`);
    await page.locator(".empty .primary").click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(pictures, `desk-${theme}-en-sign-in.png`) });
  }
});

test("the best of them go into the documents", () => {
  const images = process.env.IMAGES ?? "";
  for (const [from, to] of [
    ["desk-light-ja-answered", "chat-light"],
    ["desk-dark-en-answered", "chat-dark"],
    ["phone-light-ja-answered", "chat-phone"],
  ]) {
    copyFileSync(join(pictures, `${from}.png`), join(images, `${to}.png`));
  }
});
