// Each construct of GFM becomes the element that people expect.
import { describe, expect, it } from "vitest";
import { inner } from "./render";

describe("blocks", () => {
  it("begin headings at the third level of the page", () => {
    expect(inner("# a\n## b\n### c\n#### d\n##### e\n###### f")).toBe(
      '<h3 dir="auto">a</h3><h4 dir="auto">b</h4><h5 dir="auto">c</h5><h6 dir="auto">d</h6><h6 dir="auto">e</h6><h6 dir="auto">f</h6>',
    );
  });

  it("break lines where the text does", () => {
    expect(inner("a\nb  \nc\\\nd")).toBe('<p dir="auto">a<br>b<br>c<br>d</p>');
  });

  it("are quotes, rules and nested lists", () => {
    expect(inner("> a\n> > b")).toBe(
      '<blockquote dir="auto"><p dir="auto">a</p><blockquote dir="auto"><p dir="auto">b</p></blockquote></blockquote>',
    );
    expect(inner("---")).toBe("<hr>");
    expect(inner("- a\n  1. b\n- c")).toBe(
      '<ul dir="auto"><li dir="auto">a<ol dir="auto"><li dir="auto">b</li></ol></li><li dir="auto">c</li></ul>',
    );
  });

  it("keep the number with which a list begins", () => {
    expect(inner("3. a\n4. b")).toContain('<ol dir="auto" start="3">');
    expect(inner("1. a")).toContain('<ol dir="auto">');
    expect(inner("0. a")).toContain('start="0"');
  });

  it("have paragraphs in a loose list, and none in a tight one", () => {
    expect(inner("- a\n\n- b")).toContain('<li dir="auto"><p dir="auto">a</p></li>');
    expect(inner("- a\n- b")).not.toContain("<p");
  });

  it("say of each task whether it is done", () => {
    const tight = inner("- [ ] a\n- [x] b");
    expect(tight).toContain('<span class="md-task" role="img" aria-label="Not done"></span>a');
    expect(tight).toContain('<span class="md-task md-task-done" role="img" aria-label="Done"></span>b');
    const loose = inner("- [x] a\n\n- [ ] b");
    expect(loose).toContain('</span><p dir="auto">a</p>');
    expect(loose).not.toContain("[x]");
  });

  it("are tables in a box that scrolls and can be reached by key", () => {
    const table = inner("| a | b |\n|:-:|--:|\n| 1 | `x` |\n| **2** |");
    expect(table).toContain(
      '<div class="md-table" role="group" aria-label="Table: a, b" tabindex="0"><table>',
    );
    expect(table).toContain('<th scope="col" dir="auto" class="md-center">a</th>');
    expect(table).toContain('<td dir="auto" class="md-right"><code dir="ltr">x</code></td>');
    expect(table).toContain("<strong>2</strong>");
    expect(inner("| a |\n|---|")).not.toContain("tbody");
  });

  it("show HTML as the text that it is", () => {
    expect(inner('<div class="x">\n*a*\n</div>')).toBe(
      '<p class="md-raw" dir="auto">&lt;div class="x"&gt;\n*a*\n&lt;/div&gt;</p>',
    );
    expect(inner("a <b>c</b>")).toBe('<p dir="auto">a &lt;b&gt;c&lt;/b&gt;</p>');
  });

  it("break a line at <br>, the only way to do so in a table", () => {
    expect(inner("| a |\n|---|\n| b<br>c<BR />d |")).toContain("b<br>c<br>d");
    expect(inner("a<br onclick=x>b")).toContain("&lt;br onclick=x&gt;");
  });

  it("nest sixteen levels deep, and are text below", () => {
    const shown = inner(`${"> ".repeat(40)}a`);
    expect(shown.match(/<blockquote/g)).toHaveLength(16);
    expect(shown).toContain("&gt; a");
  });
});

describe("sentences", () => {
  it("have emphasis, code and strikethrough", () => {
    expect(inner("*a* **b** ~~c~~ `d` ***e***")).toBe(
      '<p dir="auto"><em>a</em> <strong>b</strong> <del>c</del> <code dir="ltr">d</code> <em><strong>e</strong></em></p>',
    );
  });

  it("decode character references once, but not in code", () => {
    expect(inner("&lt;a&gt; &amp;lt; &copy; &#65;&#x42; &nothing;")).toContain(
      "&lt;a&gt; &amp;lt; © AB &amp;nothing;",
    );
    expect(inner("`&lt;`")).toContain("&amp;lt;");
  });

  it("go on after tags as if they were words", () => {
    expect(inner('<a href="x"> https://example.com </a>')).toContain('href="https://example.com/"');
    expect(inner("<code>&lt;</code>")).toContain("&lt;code&gt;&lt;&lt;/code&gt;");
  });

  it("are read in pieces if they are long, with nothing lost", () => {
    const text = Array.from({ length: 900 }, (_, index) => `word${String(index)} **b**`).join(" ");
    const shown = inner(text);
    expect(shown.replace(/<[^>]*>/g, "")).toBe(text.replaceAll("**", ""));
    expect(shown.match(/<strong>/g)).toHaveLength(900);
  });

  it("find the target of a reference wherever it is defined", () => {
    expect(inner('[a][x] and [X]\n\n> [x]: https://example.com "t"')).toContain(">X</bdi></a>");
    expect(inner("[a][missing]")).toBe('<p dir="auto">[a][missing]</p>');
  });
});
