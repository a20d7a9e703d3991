// Headings of an answer are in order, whatever levels the model chose.
import { describe, expect, it } from "vitest";
import { inner, show } from "./render";

function levels(text: string): string[] {
  return [...inner(text).matchAll(/<(h\d)/g)].map(([, level = ""]) => level);
}

describe("headings", () => {
  it.each([
    ["# a\n## b\n### c\n#### d\n##### e", ["h3", "h4", "h5", "h6", "h6"]],
    ["## a\n### b\n## c", ["h3", "h4", "h3"]],
    ["### a\n# b\n### c\n## d", ["h3", "h3", "h4", "h4"]],
    ["# a\n\n> ### b\n\n- ## c\n\n###### d", ["h3", "h4", "h4", "h5"]],
  ])("never skip a level: %j", (text, expected) => {
    expect(levels(text)).toEqual(expected);
  });

  it("have the same rank while the answer is written", () => {
    const text = "## a\n\ntext\n\n#### b\n\ntext\n\n## c\n";
    const shown = show("", true);
    for (let end = 1; end <= text.length; end += 1) shown.show(text.slice(0, end), true);
    const open = [...shown.root.querySelectorAll("h3, h4, h5, h6")].map(({ localName }) => localName);
    expect(open).toEqual(["h3", "h4", "h3"]);
    expect(levels(text)).toEqual(open);
    shown.remove();
  });
});
