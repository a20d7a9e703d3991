// Files in a question.

import { expect, test } from "vitest";

import { isText, split, withAttached } from "../../src/parts/attached";

test("files are read back as they were written, whatever they say", () => {
  for (const files of [
    [],
    [{ name: "a.txt", text: "one\ntwo" }],
    [
      { name: "fence.md", text: "```js\nlet x\n```\n\n[file: b.txt]\n```\nno\n```" },
      { name: "b].txt", text: "````" },
    ],
    [{ name: "日本語.csv", text: "a,b\n1,2" }],
  ]) {
    for (const text of ["", "What is this?", "two\n\nparagraphs"]) {
      const read = split(withAttached(text, files));
      expect(read.text).toBe(text);
      expect(read.files.map((it) => it.text)).toEqual(files.map((it) => it.text));
    }
  }
});

test("a question without files is left as it is", () => {
  const question = "Look:\n\n```\n[file: no]\n```";
  expect(split(question)).toEqual({ text: question, files: [] });
});

test("text is known by its type or its name", () => {
  const file = (name: string, type: string) => new File(["x"], name, { type });
  expect(isText(file("a", "text/plain"))).toBe(true);
  expect(isText(file("a.rs", ""))).toBe(true);
  expect(isText(file("a.png", "image/png"))).toBe(false);
  expect(isText(file("a.pdf", "application/pdf"))).toBe(false);
});
