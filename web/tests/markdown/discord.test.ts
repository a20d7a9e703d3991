// What Discord adds to markdown.
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { inner, show } from "./render";

describe("a spoiler", () => {
  it("is shown when somebody asks for it", () => {
    const shown = show("It is ||the **butler**||.");
    expect(shown.root.textContent).not.toContain("butler");
    void act(() => shown.root.querySelector<HTMLButtonElement>(".md-spoiler")?.click());
    expect(shown.root.querySelector(".md-spoiler-shown")?.innerHTML).toBe("the <strong>butler</strong>");
    expect(document.activeElement?.textContent).toBe("the butler");
    shown.remove();
  });

  it("is no condition and no empty cell", () => {
    expect(inner("a || b || c")).toBe('<p dir="auto">a || b || c</p>');
    expect(inner("||||")).toBe('<p dir="auto">||||</p>');
    expect(inner("`||a||`")).toContain('<code dir="ltr">||a||</code>');
  });
});

describe("small text", () => {
  it("is a line of its own, also in a paragraph", () => {
    expect(inner("a\n-# small *b*\nc")).toBe(
      '<p dir="auto">a</p><p class="md-subtext" dir="auto"><small>small <em>b</em></small></p><p dir="auto">c</p>',
    );
    expect(inner("-#none")).toBe('<p dir="auto">-#none</p>');
  });
});

describe("a timestamp", () => {
  it("is a moment in the time of the reader", () => {
    expect(inner("<t:0:d>")).toContain('<time datetime="1970-01-01T00:00:00.000Z">');
    expect(inner("<t:1700000000:F>")).toContain("2023");
    expect(inner("<t:1700000000>")).toContain("November");
  });

  it("stays as written where there is no such moment", () => {
    expect(inner("<t:9999999999999>")).toBe('<p dir="auto">&lt;t:9999999999999&gt;</p>');
    expect(inner("<t:x>")).toContain("&lt;t:x&gt;");
  });
});
