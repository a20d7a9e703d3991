// What is a formula, and what is money.
import { describe, expect, it } from "vitest";
import { drawFormula } from "../../src/markdown/formula-drawer";
import { blockMath, mathAt, maskMath } from "../../src/markdown/math-spans";
import { faults } from "./inspect";
import { inner, loaded, show } from "./render";

describe("a formula in a sentence", () => {
  it.each(["$x$", "$x + y$", "$\\$5$", "$$x$$", "\\(x\\)", "\\[x\\]", "$x\ny$"])("is %j", (text) => {
    expect(mathAt(text, 0)?.end).toBe(text.length);
  });

  it.each([
    "$5 and $10",
    "$5 for tea and 6$",
    "$ x$",
    "$x $",
    "$$",
    "$$ $$",
    "$",
    "$x",
    "\\(x",
    "\\( \\)",
    "$a `b$`",
    "\\(a `b\\)`",
    "x$",
  ])("is not %j", (text) => {
    expect(mathAt(text, 0)).toBeUndefined();
  });

  it("gives its source without the delimiters", () => {
    expect(mathAt("a $x^2$", 2)).toEqual({ end: 7, source: "x^2", isDisplay: false });
    expect(mathAt("\\[y\\] b", 0)).toEqual({ end: 5, source: "y", isDisplay: true });
  });
});

describe("a formula on lines of its own", () => {
  it("ends at its delimiter", () => {
    expect(blockMath("$$\na\n- b\n$$\nc", false)).toMatchObject({
      end: 12,
      source: "\na\n- b\n",
      isClosed: true,
    });
    expect(blockMath("  \\[ a \\]  \n", false)).toMatchObject({ source: " a ", isClosed: true });
  });

  it("has no blank line, and nothing after it", () => {
    expect(blockMath("$$\na\n\nb\n$$", false)).toBeUndefined();
    expect(blockMath("$$a$$ is it", false)).toBeUndefined();
  });

  it("may still be written while the text is open", () => {
    expect(blockMath("$$\na", true)).toMatchObject({ isClosed: false });
    expect(blockMath("$$\na", false)).toBeUndefined();
  });
});

describe("a mask", () => {
  it("hides formulas from emphasis and keeps the length", () => {
    const text = "$a*b$ `$c$` \\$ \\(d*\\) *e*";
    const masked = maskMath(text, text);
    expect(masked).toHaveLength(text.length);
    expect(masked).toBe("[aaa] `$c$` \\$ [aaaa] *e*");
  });
});

describe("what is shown", () => {
  it("is MathML, made of allowed elements", async () => {
    const shown = show("So $x^2$ holds.\n\n$$\n\\frac{a}{b}\n$$");
    await loaded();
    expect(shown.root.querySelectorAll("math")).toHaveLength(2);
    expect(shown.root.querySelector(".md-formula-block math")?.getAttribute("display")).toBe("block");
    expect(shown.root.querySelector("math")?.namespaceURI).toBe("http://www.w3.org/1998/Math/MathML");
    expect(shown.root.querySelector("annotation")?.textContent).toBe("x^2");
    expect(faults(shown.root)).toEqual([]);
    shown.remove();
  });

  it("is the source where there is a mistake", async () => {
    const shown = show("$\\frac{$ and \\(\\nosuchcommand\\)");
    await loaded();
    expect(shown.root.querySelector("math")).toBeNull();
    expect(shown.root.textContent).toBe("$\\frac{$ and \\(\\nosuchcommand\\)");
    shown.remove();
  });

  it("leaves emphasis, money and code alone", () => {
    expect(inner("$a*b$ and $c*d$")).not.toContain("<em>");
    expect(inner("costs $5 and $10")).toBe('<p dir="auto">costs $5 and $10</p>');
    expect(inner("`$x$`")).toBe('<p dir="auto"><code dir="ltr">$x$</code></p>');
    expect(inner("\\$x\\$")).toBe('<p dir="auto">$x$</p>');
  });

  it("interrupts a paragraph", () => {
    expect(inner("Then:\n$$\na\n+ b\n$$\nEnd")).toBe(
      '<p dir="auto">Then:</p><code class="md-formula md-formula-block md-formula-source" dir="ltr">$$\na\n+ b\n$$</code><p dir="auto">End</p>',
    );
  });

  it.each([
    "\\href{https://evil.example}{x}",
    "\\includegraphics{x.png}",
    "\\htmlClass{a}{x}",
    "\\htmlStyle{color:red}{x}",
    "\\boxed{x}",
  ])("never does what needs trust: %s", async (source) => {
    const shown = show(`$${source}$`);
    await loaded();
    expect(faults(shown.root)).toEqual([]);
    expect(shown.root.querySelector("math [href], math [src], math [class], math [style]")).toBeNull();
    expect(shown.root.querySelector("math")).not.toBeNull();
    shown.remove();
  });

  it("ends, whatever the formula defines", () => {
    expect(drawFormula("\\def\\a{\\a\\a}\\a", false)).toBeUndefined();
  });
});
