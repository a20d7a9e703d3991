// Two hundred hostile answers in a real browser: no element beyond the list, no request, no script, and no policy
// that had to step in.

import { expect, test } from "vitest";

import { HTML_ATTRIBUTES, HTML_ELEMENTS, MATH_ATTRIBUTES, MATH_ELEMENTS } from "../../src/markdown/allowed";
import { HOSTILE } from "../markdown/hostile";
import { mishaps, openPage } from "./world";

const AT_ONCE = 60;

/** A conversation in which a model has said these. */
function conversation(texts: readonly string[]) {
  const messages = texts.flatMap((text, index) => {
    const turn = `t${index}`;
    const parentId = index === 0 ? null : `t${index - 1}-a`;
    const part = (it: string) => [{ type: "text", text: it }];
    const at = new Date(1_700_000_000_000 + index * 1000).toISOString();
    return [
      { id: `${turn}-q`, parentId, role: "user", parts: part(text.slice(0, 2_000)), metadata: { turn, at } },
      {
        id: `${turn}-a`,
        parentId: `${turn}-q`,
        role: "assistant",
        parts: part(text),
        metadata: { turn, at, state: "done" },
      },
    ];
  });
  return {
    id: "hostile",
    title: texts[0]?.slice(0, 90) ?? "",
    updatedAt: new Date().toISOString(),
    messages,
    running: null,
    cursor: null,
  };
}

test("no hostile answer makes an element, a request or a script", { timeout: 300_000 }, async () => {
  expect(HOSTILE.length).toBeGreaterThanOrEqual(200);
  const page = await openPage();
  await page.addInitScript("globalThis.pwned = () => { globalThis.isPwned = true; }");
  let texts: string[] = [];
  await page.route("**/api/conversations/hostile*", (route) => route.fulfill({ json: conversation(texts) }));
  const lists = {
    elements: [...HTML_ELEMENTS, ...MATH_ELEMENTS],
    attributes: [...HTML_ATTRIBUTES, ...MATH_ATTRIBUTES],
  };
  for (let from = 0; from < HOSTILE.length; from += AT_ONCE) {
    const batch = HOSTILE.slice(from, from + AT_ONCE);
    texts = batch.map((it) => it.text);
    await page.goto("/#/c/hostile");
    await page.reload();
    await expect.poll(() => page.locator(".answer").count(), { timeout: 30_000 }).toBe(batch.length);
    // Formulas and colours come later.
    await page.waitForTimeout(500);
    const found = await page.evaluate(({ elements, attributes }) => {
      const wrong: string[] = [];
      for (const it of document.querySelectorAll(".answer-text *")) {
        if (it.closest(".md") === null) continue;
        if (!elements.includes(it.localName)) wrong.push(`<${it.localName}>`);
        for (const { name, value } of it.attributes) {
          if (name.startsWith("on") || !attributes.includes(name)) wrong.push(`${it.localName}[${name}]`);
          if (
            ["href", "src"].includes(name) &&
            !/^(https?:|mailto:|#|data:image\/(png|jpeg|gif|webp);)/i.test(value)
          )
            wrong.push(`${name}=${value.slice(0, 60)}`);
        }
      }
      return { wrong, isPwned: "isPwned" in globalThis };
    }, lists);
    expect(found, batch[0]?.name).toEqual({ wrong: [], isPwned: false });
    expect(mishaps, batch[0]?.name).toEqual([]);
  }
});

test("a hostile title, name and suggestion are text", async () => {
  const page = await openPage();
  const evil = `<img src=x onerror="pwned()"><script>pwned()</script>`;
  await page.route("**/api/conversations?*", (route) =>
    route.fulfill({
      json: { conversations: [{ id: "e", title: evil, updatedAt: new Date().toISOString() }], cursor: null },
    }),
  );
  await page.reload();
  await page.locator(".list-items").getByText(evil).waitFor();
  expect(await page.locator(".list-items img, .list-items script").count()).toBe(0);
});
