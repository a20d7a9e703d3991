// What of a growing text is read again, and what stays as it is.
import { Lexer } from "marked";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnswerBlocks, type Block } from "../../src/markdown/answer-blocks";
import { lexAhead } from "../../src/markdown/lex-ahead";
import { lexBlocks } from "../../src/markdown/lexer";
import { TEXTS } from "./long-texts";
import { ANSWERS } from "./corpus";
import { cuts, numbers } from "./random";

function raws(blocks: readonly Block[]): string[] {
  return blocks.map(({ token }) => token.raw.trimEnd());
}

function grown(text: string, step: number): { answer: AnswerBlocks; last: readonly Block[] } {
  const answer = new AnswerBlocks();
  let last: readonly Block[] = [];
  for (let end = step; end < text.length + step; end += step) last = answer.update(text.slice(0, end), true);
  return { answer, last };
}

/** How many letters marked is given while a text grows. */
function lettersRead(text: string, step: number): number {
  const spy = vi.spyOn(Lexer.prototype, "blockTokens");
  grown(text, step);
  const sum = spy.mock.calls.reduce((total, [source]) => total + source.length, 0);
  spy.mockRestore();
  return sum;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("blocks of a growing answer", () => {
  it("stay the same objects once they are finished", () => {
    const answer = new AnswerBlocks();
    const [first] = answer.update("# a\n\nb\n\nc", true);
    const later = answer.update("# a\n\nb\n\nc d\n\ne\n", true);
    expect(later[0]).toBe(first);
    const done = answer.update("# a\n\nb\n\nc d\n\ne\n", false);
    expect(done.slice(0, 3)).toEqual(later.slice(0, 3));
    expect(done[0]).toBe(first);
    expect(done[1]).toBe(later[1]);
  });

  it("say which of them is still written", () => {
    const answer = new AnswerBlocks();
    expect(answer.update("a\n\nb", true).map(({ isOpen }) => isOpen)).toEqual([false, true]);
    expect(answer.update("a\n\nb", false).map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it("begin anew with a text that is another", () => {
    const answer = new AnswerBlocks();
    answer.update("first\n\nsecond\n\nthird", true);
    expect(raws(answer.update("other", true))).toEqual(["other"]);
    expect(raws(answer.update("", true))).toEqual([]);
    answer.update("done", false);
    expect(raws(answer.update("done, and more", true))).toEqual(["done, and more"]);
  });

  it("do not take a line for what it may not stay", () => {
    const answer = new AnswerBlocks();
    answer.update("1. a\n\n2", true);
    expect(answer.update("1. a\n\n2. b", true).map(({ token }) => token.type)).toEqual(["list"]);
  });

  it.each(Object.entries(ANSWERS))("are those of the whole text, also without its end: %s", (_, text) => {
    const whole = lexBlocks(text.replace(/\r\n?/g, "\n"), false).filter(
      ({ type }) => type !== "space" && type !== "def",
    );
    const { answer } = grown(text, 1);
    expect(raws(answer.update(text, false))).toEqual(whole.map(({ raw }) => raw.trimEnd()));
  });

  it.each(Object.entries(ANSWERS).filter(([name]) => name !== "math"))(
    "do not move when the answer ends: %s",
    (_, text) => {
      const { answer, last } = grown(text, 1);
      const types = last.map(({ token }) => token.type);
      expect(answer.update(text, false).map(({ token }) => token.type)).toEqual(types);
    },
  );

  it("are those of the whole text for lines in any order, cut anywhere", () => {
    const lines = Object.values(ANSWERS).flatMap((text) => text.replace(/\r/g, "").split("\n"));
    for (let seed = 1; seed <= 150; seed += 1) {
      const next = numbers(seed);
      const text = Array.from({ length: 14 }, () => lines[Math.floor(next() * lines.length)]).join("\n");
      const answer = new AnswerBlocks();
      for (const end of cuts(text.length, next, 25)) answer.update(text.slice(0, end), true);
      const streamed = answer.update(text, false).map(({ token }) => token);
      const atOnce = new AnswerBlocks().update(text, false).map(({ token }) => token);
      expect(streamed, JSON.stringify(text)).toEqual(atOnce);
    }
  });

  it.each(Object.entries(TEXTS))("are the same in steps as at once: %s", (_, text) => {
    const inSteps = lexAhead(text, 0, false).finished.map(({ type, raw }) => [type, raw.trimEnd()]);
    const atOnce = lexBlocks(text, false).map(({ type, raw }) => [type, raw.trimEnd()]);
    const isCut = atOnce.some(([type]) => type === "blockquote");
    expect(isCut ? inSteps.map(([, raw]) => raw).join("\n") : inSteps).toEqual(
      isCut ? atOnce.map(([, raw]) => raw).join("\n") : atOnce,
    );
  });
});

describe("reference links", () => {
  it("are found at the end, wherever their target is", () => {
    const answer = new AnswerBlocks();
    const text = "[a] and [b]\n\n[a]: https://a.example\n\n- x\n\n  [b]: https://b.example\n\nend";
    const open = answer.update(text, true);
    const done = answer.update(text, false);
    expect(Object.keys(answer.links)).toEqual(["a", "b"]);
    expect(done[0]).not.toBe(open[0]);
  });

  it("have labels of any name, and the first target counts", () => {
    const answer = new AnswerBlocks();
    answer.update(
      "[__proto__]: https://a.example\n[constructor]: https://b.example\n[constructor]: https://c.example\n",
      false,
    );
    expect(Object.keys(answer.links)).toEqual(["__proto__", "constructor"]);
    expect(answer.links["constructor"]?.href).toBe("https://b.example");
    expect(Object.getPrototypeOf(answer.links)).toBeNull();
  });
});

describe("what is read while an answer is streamed", () => {
  const STEP = 75;

  it("of an open code block is each line once", () => {
    const text = TEXTS["open code fence"] ?? "";
    expect(lettersRead(text, STEP)).toBeLessThan(2 * STEP);
  });

  it("of finished blocks is only the last", () => {
    const text = TEXTS["prose"] ?? "";
    expect(lettersRead(text, STEP)).toBeLessThan(12 * text.length);
    expect(lettersRead(text + text, STEP)).toBeLessThan(2.1 * lettersRead(text, STEP));
  });
});
