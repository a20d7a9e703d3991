// Files that the Worker keeps: sent ahead, asked about, shown, and refused in words.

import { type Page } from "playwright-core";
import { expect, test } from "vitest";

import { answered, ask, openPage, says } from "./world";

/** Has the browser draw an image, and returns it as a file. */
async function image(page: Page, width: number, height: number, type: string): Promise<Buffer> {
  const data = await page.evaluate(
    async ([width, height, type]) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const brush = canvas.getContext("2d")!;
      brush.fillStyle = "#b4506c";
      brush.fillRect(0, 0, width, height);
      brush.fillStyle = "#fff";
      brush.fillRect(width / 4, height / 4, width / 2, height / 2);
      return canvas.toDataURL(type);
    },
    [width, height, type] as const,
  );
  return Buffer.from(data.slice(data.indexOf(",") + 1), "base64");
}

const attach = (page: Page, name: string, mimeType: string, buffer: Buffer) =>
  page.locator("input[type=file]").setInputFiles({ name, mimeType, buffer });

/** Waits until an image is there with its pixels, and returns its width. */
async function width(page: Page, selector: string): Promise<number> {
  await page.waitForFunction(
    (it) => (document.querySelector<HTMLImageElement>(it)?.naturalWidth ?? 0) > 0,
    selector,
  );
  return page
    .locator(selector)
    .first()
    .evaluate((it: HTMLImageElement) => it.naturalWidth);
}

test("an image is sent, asked about, and shown with its question, also after a reload", async () => {
  const page = await openPage({ isPerson: true });
  await attach(page, "cat.png", "image/png", await image(page, 640, 480, "image/png"));
  expect(await width(page, ".chips img")).toBe(640);
  // A file alone is no question, and what is attached outlives a reload.
  expect(await page.locator("button.send").isDisabled()).toBe(true);
  await page.reload();
  expect(await width(page, ".chips img")).toBe(640);
  // The model of the lab does not see: another one describes the image first.
  await says("A rose square.", "It is a square.");
  await ask(page, "What is on it?");
  await page.getByText("It is a square.").waitFor();
  expect(await page.locator(".chips li").count()).toBe(0);
  await answered(page);
  await page.reload();
  expect(await width(page, ".bubble img")).toBe(640);
  expect(await page.locator(".bubble img").getAttribute("alt")).toBe("Attached: cat.png");
});

test("a large image is made smaller before it is sent", async () => {
  const page = await openPage({ isPerson: true });
  await attach(page, "photo.png", "image/png", await image(page, 4_000, 1_000, "image/png"));
  expect(await width(page, ".chips img")).toBe(2_048);
  await page.locator(".chips").getByText("photo.jpg").waitFor();
});

test("a document is a link below its question, and what cannot be read is refused in words", async () => {
  const page = await openPage({ isPerson: true });
  await attach(page, "a.pdf", "application/pdf", Buffer.from("no pdf at all"));
  await page.getByText("“a.pdf” was not attached: it is damaged, or not what its name says").waitFor();
  await attach(page, "a.exe", "application/octet-stream", Buffer.from("MZ"));
  await page.getByText("“a.exe” was not attached: files of this kind are not read here").waitFor();
  await attach(page, "paper.pdf", "application/pdf", Buffer.from("%PDF-1.4\n%%EOF"));
  await page.locator(".chips").getByText("paper.pdf").waitFor();
  await says("A paper.");
  await ask(page, "What is it about?");
  await answered(page);
  const link = page.locator(".bubble a");
  expect(await link.innerText()).toBe("paper.pdf");
  const reply = await page.context().request.get((await link.getAttribute("href"))!, {
    headers: { "sec-fetch-site": "same-origin" },
  });
  expect(reply.headers()["content-disposition"]).toMatch(/^attachment;/);
});

test("no more than four are sent, and one that is removed is asked about no more", async () => {
  const page = await openPage({ isPerson: true });
  const small = await image(page, 16, 16, "image/png");
  for (const name of ["1.png", "2.png", "3.png", "4.png"]) {
    await attach(page, name, "image/png", small);
    await page.locator(".chips").getByText(name).waitFor();
  }
  await attach(page, "5.png", "image/png", small);
  await page.getByText("A question takes 4 such files").waitFor();
  await page.getByRole("button", { name: "Remove 2.png" }).click();
  expect(await page.locator(".chips li").count()).toBe(3);
});

test("texts that are a part of the question take no file's place", async () => {
  const page = await openPage({ isPerson: true });
  const texts = ["1.txt", "2.txt", "3.txt", "4.txt"].map((name) => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(name),
  }));
  const buffer = await image(page, 16, 16, "image/png");
  await page
    .locator("input[type=file]")
    .setInputFiles([...texts, { name: "cat.png", mimeType: "image/png", buffer }]);
  expect(await width(page, ".chips img")).toBe(16);
  expect(await page.locator(".chips li").count()).toBe(5);
});

test("a question that waits for a file is not asked without it", async () => {
  const page = await openPage({ isPerson: true });
  await page.route("**/api/files?*", async (route) => {
    await new Promise((done) => setTimeout(done, 1_000));
    await route.abort();
  });
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  await ask(page, "What is on it?");
  await page.getByText("“cat.png” was not attached").waitFor();
  expect(await page.locator(".question").count()).toBe(0);
  expect(await page.locator("#question").inputValue()).toBe("What is on it?");
});

test("a visitor is told that only text can be attached", async () => {
  const page = await openPage();
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  await page.getByText("“cat.png” is not a text file: nothing else can be attached here").waitFor();
});

/** Holds back what is sent until it is let go, and returns what lets it go and waits for its reply. */
async function holdBack(page: Page): Promise<() => Promise<void>> {
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  await page.route("**/api/files?*", async (route) => {
    await held;
    await route.continue();
  });
  return async () => {
    const reply = page.waitForResponse("**/api/files?*");
    letGo();
    await (await reply).finished();
  };
}

/** All that this tab and this browser keep. */
const shelves = (page: Page) =>
  page.evaluate(() => ({
    drafts: Object.entries(localStorage).flatMap(([name, it]) =>
      name.endsWith(".drafts") ? [it as string] : [],
    ),
    ofTab: Object.entries(sessionStorage).flatMap(([name, it]) =>
      name.endsWith(".tab-drafts") ? [it as string] : [],
    ),
  }));

test("a file that is removed is deleted where it is kept", async () => {
  const page = await openPage({ isPerson: true });
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  expect(await width(page, ".chips img")).toBe(16);
  const at = (await page.locator(".chips img").getAttribute("src"))!;
  const headers = { "sec-fetch-site": "same-origin" };
  expect((await page.context().request.get(at, { headers })).status()).toBe(200);
  const deleted = page.waitForResponse((it) => it.request().method() === "DELETE" && it.url().includes(at));
  await page.getByRole("button", { name: "Remove cat.png" }).click();
  expect((await deleted).status()).toBe(204);
  expect((await page.context().request.get(at, { headers })).status()).toBe(404);
});

test("a file that comes when its composer is gone is attached to what was typed there since", async () => {
  const page = await openPage({ isPerson: true });
  await says("First.");
  await ask(page, "Something else");
  await answered(page);
  await page.getByRole("button", { name: "New conversation" }).first().click();
  await page.locator("#question").fill("before");
  const letGo = await holdBack(page);
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  await page.locator(".chips .on-its-way").waitFor();
  // It is on its way to the empty page, wherever one looks meanwhile.
  await page.locator(".list-items a", { hasText: "Something else" }).first().click();
  await page.locator(".answer").waitFor();
  expect(await page.locator(".chips li").count()).toBe(0);
  await page.getByRole("button", { name: "New conversation" }).first().click();
  await page.locator(".chips .on-its-way").waitFor();
  await page.locator("#question").fill("typed since");
  await letGo();
  expect(await width(page, ".chips img")).toBe(16);
  expect(await page.locator("#question").inputValue()).toBe("typed since");
  await page.reload();
  expect(await width(page, ".chips img")).toBe(16);
  expect(await page.locator("#question").inputValue()).toBe("typed since");
});

test("a file comes along where a chat becomes a temporary one meanwhile", async () => {
  const page = await openPage({ isPerson: true });
  await page.locator("#question").fill("for nobody else");
  const letGo = await holdBack(page);
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  await page.locator(".chips .on-its-way").waitFor();
  await page.getByRole("button", { name: "Temporary chat" }).click();
  await letGo();
  expect(await width(page, ".chips img")).toBe(16);
  const { drafts, ofTab } = await shelves(page);
  expect(drafts.join()).not.toContain("cat.png");
  expect(ofTab.join()).toContain("cat.png");
});

test("a file of who was here before is attached to nothing of who is here now", async () => {
  const page = await openPage({ isPerson: true });
  await page.locator("#question").fill("a secret");
  const letGo = await holdBack(page);
  await attach(page, "cat.png", "image/png", await image(page, 16, 16, "image/png"));
  await page.locator(".chips .on-its-way").waitFor();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("Nothing here yet").waitFor();
  await page.locator(".who").click();
  await page.getByLabel("API key").fill(process.env.MIYABI_OTHER_KEY ?? "");
  await page.getByLabel("API key").press("Enter");
  await page.getByRole("button", { name: "Memory" }).waitFor();
  await page.locator(".panel").waitFor({ state: "hidden" });
  await page.locator("#question").fill("of somebody else");
  await letGo();
  await page.locator("#question").pressSequentially("!");
  expect(await page.locator(".chips li").count()).toBe(0);
  const { drafts, ofTab } = await shelves(page);
  expect([...drafts, ...ofTab].join()).not.toContain("cat.png");
  expect([...drafts, ...ofTab].join()).not.toContain("a secret");
  await page.reload();
  await expect.poll(() => page.locator("#question").inputValue()).toBe("of somebody else!");
  expect(await page.locator(".chips li").count()).toBe(0);
});

test("a file that is given before it is known who is here is sent then", async () => {
  const page = await openPage({ isPerson: true });
  const small = await image(page, 16, 16, "image/png");
  let isKnown = () => {};
  const held = new Promise<void>((done) => (isKnown = done));
  await page.route("**/api/session", async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await attach(page, "cat.png", "image/png", small);
  isKnown();
  expect(await width(page, ".chips img")).toBe(16);
});
