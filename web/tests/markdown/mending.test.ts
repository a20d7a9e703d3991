// The end of an open sentence looks as it will look when it is complete.
import { describe, expect, it } from "vitest";
import { mended } from "../../src/markdown/mending";
import { markupOf } from "./render";

describe("what has begun", () => {
  it.each([
    ["a **bo", "a **bo**"],
    ["a **bold ", "a **bold**"],
    ["a **bold*", "a **bold**"],
    ["a **bold**", "a **bold**"],
    ["a *it", "a *it*"],
    ["**a *b", "**a *b***"],
    ["~~go", "~~go~~"],
    ["~~gone~", "~~gone~~"],
    ["__x", "__x__"],
    ["**a** and **b", "**a** and **b**"],
    ["これは**「重", "これは**「重**"],
    ["`co", "`co`"],
    ["``a `b", "``a `b``"],
    ["``a `b`", "``a `b``"],
    ["`**a` **b", "`**a` **b**"],
    ["line **one\nline *two", "line **one\nline *two*"],
  ])("gets an end: %j", (text, expected) => {
    expect(mended(text)).toBe(expected);
  });

  it.each([
    ["a **", "a"],
    ["a *", "a"],
    ["a `", "a "],
    ["a [", "a"],
    ["a ![", "a"],
    ["see [the page](https://exam", "see the page"],
    ['see [the page](https://example.com "ti', "see the page"],
    ["see ![a cat](https://exam", "see"],
    ["**", ""],
  ])("and shows nothing yet, is not shown: %j", (text, expected) => {
    expect(mended(text)).toBe(expected);
  });

  it.each([
    "plain",
    "2 * 3",
    "2*3",
    "a * b",
    "snake_case_",
    "a[0",
    "x ** y",
    "done.",
    "a (b",
    "[x](https://a.example)",
    "\\*a",
  ])("is nothing in %j", (text) => {
    expect(mended(text)).toBe(text);
  });

  it("is mended only while the answer is open", () => {
    expect(markupOf("a **b", true)).toContain("<strong>");
    expect(markupOf("a **b", false)).not.toContain("<strong>");
    expect(markupOf("- a\n- **b", true)).toContain("<strong>");
    expect(markupOf("- **a\n- b", true)).not.toContain("<strong>");
  });
});
