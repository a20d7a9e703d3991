// Blocks of code: language, colours, and the button that copies.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RootContent } from "hast";
import { act } from "preact/test-utils";
import { highlight } from "../../src/markdown/highlighter";
import { grammarOf } from "../../src/markdown/languages";
import { inner, loaded, settings, show } from "./render";

const RUST = "```rust\nfn main() {}\n```";

function setClipboard(writeText: ((text: string) => Promise<void>) | undefined): void {
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: writeText && { writeText } });
}

function setExecCommand(copy: () => boolean): void {
  Object.defineProperty(document, "execCommand", { configurable: true, value: copy });
}

async function pressCopy(text: string): Promise<{ label: string; announced: string[] }> {
  const announced: string[] = [];
  const shown = show(text, false, settings(announced));
  const button = shown.root.querySelector<HTMLButtonElement>(".md-copy");
  await act(async () => {
    button?.click();
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
  const label = button?.textContent ?? "";
  shown.remove();
  return { label, announced };
}

function lettersOf(nodes: readonly RootContent[]): string {
  return nodes
    .map((node) =>
      node.type === "text" ? node.value : node.type === "element" ? lettersOf(node.children) : "",
    )
    .join("");
}

afterEach(() => {
  Reflect.deleteProperty(navigator, "clipboard");
  Reflect.deleteProperty(document, "execCommand");
});

describe("a block of code", () => {
  it("has its language, and is left to right in a box that can be reached by key", () => {
    const shown = inner('```rust title="x"\nfn main() {}\n```');
    expect(shown).toContain('<span class="md-code-language">rust</span>');
    expect(shown).toContain(
      '<pre class="md-pre" dir="ltr" role="group" aria-label="Code: rust" tabindex="0"><code>fn main() {}</code></pre>',
    );
    expect(inner("    x")).toContain('aria-label="Code"');
    expect(inner(`\`\`\`${"x".repeat(100)}\ny\n\`\`\``)).toContain(
      `<span class="md-code-language">${"x".repeat(30)}</span>`,
    );
  });

  it("wraps its lines on demand", () => {
    const shown = show(RUST);
    const button = shown.root.querySelector<HTMLButtonElement>(".md-code-button");
    expect(button?.getAttribute("aria-pressed")).toBe("false");
    void act(() => button?.click());
    expect(button?.getAttribute("aria-pressed")).toBe("true");
    expect(shown.root.querySelector(".md-pre-wrapped")).not.toBeNull();
    shown.remove();
  });
});

describe("colours", () => {
  it("come when the block is complete, and change no letter", async () => {
    const shown = show("```rust\nfn main() {", true);
    await loaded();
    expect(shown.root.querySelector('[class^="hl-"]')).toBeNull();
    shown.show(RUST);
    await loaded();
    expect(shown.root.querySelector(".hl-keyword")?.textContent).toBe("fn");
    expect(shown.root.querySelector("pre")?.textContent).toBe("fn main() {}");
    shown.remove();
  });

  it.each(["", "constructor", "__proto__", "toString", "unknown"])(
    "are none for the language %j",
    async (language) => {
      expect(grammarOf(language)).toBeUndefined();
      const shown = show(`\`\`\`${language}\nlet x = 1\n\`\`\``);
      await loaded();
      expect(shown.root.querySelector('[class^="hl-"]')).toBeNull();
      shown.remove();
    },
  );

  it.each([
    ["too long", "let x = 1;\n".repeat(5000)],
    ["of one endless line", `let x = "${"a".repeat(1000)}";`],
  ])("are none for code that is %s", async (_, code) => {
    const shown = show(`\`\`\`js\n${code}\n\`\`\``);
    await loaded();
    expect(shown.root.querySelector('[class^="hl-"]')).toBeNull();
    shown.remove();
  });

  it.each([
    "bash",
    "c",
    "c++",
    "C#",
    "css",
    "diff",
    "dockerfile",
    "go",
    "toml",
    "java",
    "js",
    "json",
    "kt",
    "lua",
    "md",
    "php",
    "py",
    "rb",
    "rs",
    "sql",
    "swift",
    "tsx",
    "html",
    "yml",
  ])("exist for %s", (language) => {
    const text = 'x = "1" # <b class="c">\n- a: 1\nfunction f() {}\nfn def class SELECT FROM\n+++ a\n# T\n';
    const nodes = highlight(language, text);
    expect(JSON.stringify(nodes)).toContain("hl-");
  });

  it("change no letter of long code, and give up where they take too long", () => {
    const text = "fn f() {\n    g(1);\n}\n\n".repeat(1500);
    const all = highlight("rust", text);
    expect(lettersOf(all)).toBe(text);
    expect(JSON.stringify(all).match(/hl-keyword/g)).toHaveLength(1500);
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 200));
    const some = highlight("rust", text);
    clock.mockReturnValue(0);
    expect(lettersOf(some)).toBe(text);
    expect(JSON.stringify(some).match(/hl-keyword/g)?.length).toBeLessThan(500);
  });

  it("keep their place when the block before is replaced", async () => {
    const shown = show(RUST);
    await loaded();
    shown.show("```python\ndef f(): pass\n```");
    await loaded();
    expect(shown.root.querySelector("pre")?.textContent).toBe("def f(): pass");
    expect(shown.root.querySelector(".hl-keyword")?.textContent).toBe("def");
    shown.remove();
  });
});

describe("the copy button", () => {
  it("copies the code and says so", async () => {
    const written: string[] = [];
    setClipboard(async (text) => void written.push(text));
    expect(await pressCopy("```\na\n  b\n\n```")).toEqual({ label: "Copied", announced: ["Copied"] });
    expect(written).toEqual(["a\n  b\n"]);
  });

  it("copies by selection where there is no clipboard, and leaves nothing behind", async () => {
    let selected = "";
    setClipboard(undefined);
    setExecCommand(() => {
      selected = document.querySelector("textarea")?.value ?? "";
      return true;
    });
    expect((await pressCopy(RUST)).label).toBe("Copied");
    expect(selected).toBe("fn main() {}");
    expect(document.querySelector("textarea")).toBeNull();
  });

  it("copies by selection where the clipboard refuses", async () => {
    const copy = vi.fn(() => true);
    setClipboard(() => Promise.reject(new Error("refused")));
    setExecCommand(copy);
    expect((await pressCopy(RUST)).announced).toEqual(["Copied"]);
    expect(copy).toHaveBeenCalledOnce();
  });

  it("says that it failed", async () => {
    setClipboard(undefined);
    setExecCommand(() => false);
    expect(await pressCopy(RUST)).toEqual({ label: "Could not copy", announced: ["Could not copy"] });
  });
});
