// What of an open answer is not shown yet.
import { describe, expect, it } from "vitest";
import { AnswerBlocks } from "../../src/markdown/answer-blocks";
import { shownLength } from "../../src/markdown/held-back";

function shown(text: string): string {
  return text.slice(0, shownLength(text));
}

describe("the last line", () => {
  it.each([
    "-",
    "--",
    "- ",
    "1",
    "12.",
    "1. ",
    "#",
    "## ",
    "> ",
    "> -",
    "=",
    "***",
    "```",
    "```rus",
    "~~~ py",
    "- [",
    "- [x",
    "- [ ]",
    "| a",
    "| a | b |",
  ])("waits while it is only %j", (line) => {
    expect(shown(`text\n${line}`)).toBe("text\n");
  });

  it.each([
    "- a",
    "1. a",
    "# a",
    "> a",
    "a",
    "- [x] a",
    "||secret||",
    "`code`",
    "```x``` y",
    "-a",
    "2025 was",
    "**b**",
  ])("is shown when it is %j", (line) => {
    expect(shown(`text\n${line}`)).toBe(`text\n${line}`);
  });

  it("is shown in any case if it is long", () => {
    const text = `| ${"a".repeat(3000)}`;
    expect(shown(text)).toBe(text);
  });
});

describe("a table", () => {
  it("is shown from its second line on, row by row", () => {
    expect(shown("text\n\n| a | b |\n")).toBe("text\n\n");
    expect(shown("text\n\n| a | b |\n|---|--")).toBe("text\n\n");
    expect(shown("| a | b |\n|---|---|\n")).toBe("| a | b |\n|---|---|\n");
    expect(shown("| a | b |\n|---|---|\n| 1 | 2")).toBe("| a | b |\n|---|---|\n");
    expect(shown("| a | b |\n|---|---|\n| 1 | 2 |\n")).toBe("| a | b |\n|---|---|\n| 1 | 2 |\n");
  });

  it("is none if the next line is text", () => {
    expect(shown("| a | b |\ntext")).toBe("| a | b |\ntext");
  });
});

describe("while an answer is written", () => {
  it("no sentence becomes a heading for a moment", () => {
    const answer = new AnswerBlocks();
    const text = "Here it is:\n- one\n- two\n\nAnd:\n\n| a |\n|---|\n| 1 |\n";
    const seen = new Set<string>();
    for (let end = 1; end <= text.length; end += 1) {
      for (const { token } of answer.update(text.slice(0, end), true)) {
        seen.add(token.type);
        if (token.type === "paragraph") expect(token.text).not.toContain("|");
      }
    }
    expect([...seen]).toEqual(["paragraph", "list", "table"]);
  });

  it("code is shown to its last letter", () => {
    const answer = new AnswerBlocks();
    answer.update("```\na\n", true);
    const [block] = answer.update("```\na\n- ", true);
    expect(block?.token).toMatchObject({ type: "code", text: "a\n- " });
  });

  it("all of it is shown when it ends", () => {
    const answer = new AnswerBlocks();
    answer.update("a\n\n-", true);
    expect(answer.update("a\n\n-", false)).toHaveLength(2);
  });
});
