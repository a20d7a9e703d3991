// The small parts: an open fence, references to characters, the rest between drawings, and the words.
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import { decodeEntities } from "../../src/markdown/entities";
import { whenIdle } from "../../src/markdown/idle";
import { OpenFence } from "../../src/markdown/open-fence";
import { restMs } from "../../src/markdown/pace";
import { lexBlocks } from "../../src/markdown/lexer";
import { MARKDOWN_ENGLISH, MARKDOWN_JAPANESE } from "../../src/markdown";
import { show } from "./render";

function fenceOf(text: string): OpenFence | undefined {
  return OpenFence.at(text, lexBlocks(text, true).at(-1));
}

describe("an open fence", () => {
  it("goes on until a line closes it", () => {
    const fence = fenceOf("````js\na\n");
    expect(fence?.continues("````js\na\n```\n")).toBe(true);
    expect(fence?.continues("````js\na\n```\n````x\n")).toBe(true);
    expect(fence?.continues("````js\na\n```\n````x\n  `````  \n")).toBe(false);
  });

  it("gives the code and its language", () => {
    expect(fenceOf("~~~ py x\na\n\n  b")?.token("~~~ py x\na\n\n  b")).toMatchObject({
      lang: "py x",
      text: "a\n\n  b",
    });
  });

  it("does not show the beginning of its end", () => {
    expect(fenceOf("```\na\n``")?.token("```\na\n``").text).toBe("a\n");
    expect(fenceOf("```\na\n`b")?.token("```\na\n`b").text).toBe("a\n`b");
  });

  it("is none that is closed, indented, or something else", () => {
    expect(fenceOf("```\na\n```\n")).toBeUndefined();
    expect(fenceOf("  ```\n  a")).toBeUndefined();
    expect(fenceOf("text")).toBeUndefined();
    expect(fenceOf("- ```\n  a")).toBeUndefined();
  });

  it("is shown in parts that do not change, with no letter lost", () => {
    const code = Array.from({ length: 200 }, (_, line) => `line ${String(line)}`).join("\n");
    const shown = show(`\`\`\`js\n${code.slice(0, 900)}`, true);
    const first = shown.root.querySelector(".md-code-part")?.firstChild;
    shown.show(`\`\`\`js\n${code}`, true);
    expect(shown.root.querySelector(".md-code-part")?.firstChild).toBe(first);
    expect(shown.root.querySelector("pre")?.textContent).toBe(code);
    shown.remove();
  });
});

describe("a character reference", () => {
  it("stands for its character", () => {
    expect(decodeEntities("&amp;&lt;&nbsp;&#38;&#x1F600;&hellip;")).toBe("&<\u00a0&\u{1f600}…");
  });

  it("is decoded once, and only if it is one", () => {
    expect(decodeEntities("&amp;lt; &x; &__proto__; &constructor; &toString; & &; &#; &#x;")).toBe(
      "&lt; &x; &__proto__; &constructor; &toString; & &; &#; &#x;",
    );
  });

  it("of no character is the sign for that", () => {
    expect(decodeEntities("&#0;&#xD800;&#x110000;&#9999999;")).toBe("\ufffd\ufffd\ufffd\ufffd");
  });
});

describe("the rest between drawings", () => {
  it("is none after a cheap one, and in proportion after a dear one", () => {
    expect(restMs(5, 0)).toBe(0);
    expect(restMs(20, 0)).toBe(160);
    expect(restMs(20, 100)).toBe(60);
    expect(restMs(20, 500)).toBe(0);
  });

  it("never lasts long", () => {
    expect(restMs(5000, 0)).toBe(2000);
  });

  it("ends by itself, and at once when the answer ends", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 10));
    const shown = show("a", true);
    shown.show("a b", true);
    expect(shown.root.textContent).toBe("a");
    nowMs += 1000;
    void act(() => void vi.advanceTimersByTime(1000));
    expect(shown.root.textContent).toBe("a b");
    shown.show("a b c", true);
    expect(shown.root.textContent).toBe("a b");
    shown.show("a b c d", false);
    expect(shown.root.textContent).toBe("a b c d");
    shown.remove();
    clock.mockReturnValue(0);
    vi.useRealTimers();
  });
});

describe("work that may wait", () => {
  it("is done in turns of some milliseconds, in order, and not if it was taken back", () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const done: string[] = [];
    const task = (name: string) => () => {
      nowMs += 5;
      done.push(name);
    };
    whenIdle(task("a"));
    const takeBack = whenIdle(task("b"));
    whenIdle(task("c"));
    whenIdle(task("d"));
    expect(done).toEqual([]);
    takeBack();
    takeBack();
    vi.advanceTimersToNextTimer();
    expect(done).toEqual(["a", "c"]);
    vi.advanceTimersToNextTimer();
    expect(done).toEqual(["a", "c", "d"]);
    expect(vi.getTimerCount()).toBe(0);
    clock.mockReturnValue(0);
    vi.useRealTimers();
  });
});

describe("the words", () => {
  it("are there in both languages", () => {
    expect(Object.keys(MARKDOWN_JAPANESE)).toEqual(Object.keys(MARKDOWN_ENGLISH));
    for (const words of [MARKDOWN_ENGLISH, MARKDOWN_JAPANESE]) {
      const all = Object.values(words).map((word: string | ((...parts: string[]) => string)) =>
        typeof word === "string" ? word : word("x", "y"),
      );
      expect(all.every((word) => word !== "")).toBe(true);
      expect(new Set(all).size).toBe(all.length);
      expect(words.image("", "y")).not.toContain("：");
    }
  });
});
