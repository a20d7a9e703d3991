// What is typed: composed, kept, pasted, dropped, and sent by the key that sends.

import { expect, test } from "vitest";

import { answered, ask, openPage, questions, says } from "./world";

test("Enter never sends what an input method is composing", async () => {
  const page = await openPage({ language: "ja" });
  const field = page.locator("#question");
  await field.focus();
  const session = await page.context().newCDPSession(page);
  // Real composition: the browser itself says isComposing.
  await session.send("Input.imeSetComposition", { text: "きょう", selectionStart: 3, selectionEnd: 3 });
  await session.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    windowsVirtualKeyCode: 229,
    key: "Process",
    code: "Enter",
  });
  expect(await questions(page).count()).toBe(0);
  await session.send("Input.insertText", { text: "今日" });
  expect(await field.inputValue()).toBe("今日");
  // Safari's order: the composition has ended, and its Enter comes as key code 229.
  await field.evaluate((it) => {
    it.dispatchEvent(new CompositionEvent("compositionend", { data: "今日", bubbles: true }));
    it.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }),
    );
    it.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }),
    );
  });
  expect(await questions(page).count()).toBe(0);
  await says("はい。");
  await field.press("Enter");
  await page.getByText("はい。").waitFor();
  expect(await questions(page).count()).toBe(1);
});

test("the search and the name of a conversation are safe to compose in too", async () => {
  const page = await openPage({ language: "ja" });
  await says("はい。");
  await ask(page, "最初の質問");
  await answered(page);
  await page.locator(".list-items li").first().hover();
  await page.locator(".list-items .icon-button").first().click();
  await page.getByRole("menuitem", { name: "名前を変える" }).click();
  const name = page.locator("input.name");
  await name.evaluate((it) => {
    it.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }),
    );
  });
  expect(await name.count()).toBe(1);
});

test("Shift and Enter begins a line, and Ctrl and Enter sends by setting", async () => {
  const page = await openPage();
  const field = page.locator("#question");
  await field.fill("one");
  await field.press("Shift+Enter");
  await field.pressSequentially("two");
  expect(await field.inputValue()).toBe("one\ntwo");
  expect(await questions(page).count()).toBe(0);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.locator("label", { hasText: "Ctrl+Enter" }).click();
  await page.keyboard.press("Escape");
  await field.press("Enter");
  expect(await questions(page).count()).toBe(0);
  await says("Both lines.");
  await field.press("Control+Enter");
  await page.getByText("Both lines.").waitFor();
});

test("what is typed is there after a reload, in each conversation for itself", async () => {
  const page = await openPage();
  await page.locator("#question").fill("Half a thou");
  await page.reload();
  expect(await page.locator("#question").inputValue()).toBe("Half a thou");
  await page.locator("#question").fill("");
  await says("Yes.");
  await ask(page, "A whole thought?");
  await answered(page);
  await page.locator("#question").fill("in here");
  await page.getByRole("button", { name: "New conversation" }).first().click();
  expect(await page.locator("#question").inputValue()).toBe("");
  await page.goBack();
  await page.getByText("Yes.").waitFor();
  expect(await page.locator("#question").inputValue()).toBe("in here");
});

test("a long paste becomes an attachment, and a text file is sent with the question", async () => {
  const page = await openPage();
  const long = "line of a long log\n".repeat(400);
  await page.locator("#question").focus();
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, long);
  await page.locator(".chips").getByText("Pasted text 1").waitFor();
  expect(await page.locator("#question").inputValue()).toBe("");
  await page.locator("input[type=file]").setInputFiles({
    name: "notes.md",
    mimeType: "text/markdown",
    buffer: Buffer.from("# Notes\n```\nx\n```"),
  });
  await page.locator(".chips").getByText("notes.md").waitFor();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "cat.png", mimeType: "image/png", buffer: Buffer.from("png") });
  await page.getByText("“cat.png” is not a text file").waitFor();
  await page.reload();
  expect(await page.locator(".chips li").count()).toBe(2);
  await says("A long log, and notes.");
  await ask(page, "What are these?");
  await page.getByText("A long log, and notes.").waitFor();
  await page.reload();
  await page.getByText("Attached: notes.md").waitFor();
  await page.getByText("Attached: Pasted text 1").click();
  expect(await page.locator(".file-shown pre").first().textContent()).toContain("line of a long log");
  expect(await page.locator(".bubble").innerText()).toContain("What are these?");
});

test("a question that is too long is not sent, and says so", async () => {
  const page = await openPage();
  await page.locator("#question").fill("あ".repeat(11_000));
  await page.getByText("This is longer than a question may be").waitFor();
  await page.locator("#question").press("Enter");
  expect(await questions(page).count()).toBe(0);
  expect((await page.locator("#question").inputValue()).length).toBe(11_000);
});
