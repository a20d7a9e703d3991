// Emphasis and addresses beside Japanese, Chinese and Korean.
import { describe, expect, it } from "vitest";
import { addressLength } from "../../src/markdown/cjk";
import { inner } from "./render";

describe("emphasis beside CJK", () => {
  it.each([
    ["**「重要」**です", "<strong>「重要」</strong>です"],
    ["これは**「重要」**です", "これは<strong>「重要」</strong>です"],
    ["です**(注)**が", "です<strong>(注)</strong>が"],
    ["**テスト(test)**です", "<strong>テスト(test)</strong>です"],
    ["**重要。**次", "<strong>重要。</strong>次"],
    ["*「あ」*い~~「う」~~え", "<em>「あ」</em>い<del>「う」</del>え"],
    ["**한국어(韓國語)**는", "<strong>한국어(韓國語)</strong>는"],
  ])("%s", (text, expected) => {
    expect(inner(text)).toBe(`<p dir="auto">${expected}</p>`);
  });

  it("changes nothing for other letters", () => {
    expect(inner('a**(b)**c **"a"**b')).toBe('<p dir="auto">a**(b)**c **"a"**b</p>');
    expect(inner("foo*bar* snake_case_name")).toBe('<p dir="auto">foo<em>bar</em> snake_case_name</p>');
  });
});

describe("a bare address beside Japanese", () => {
  it.each([
    ["https://example.com/pathをご覧", "https://example.com/path"],
    ["https://example.com/をご覧", "https://example.com/"],
    ["https://example.com/a、次", "https://example.com/a"],
    ["https://example.com）", "https://example.com"],
    ["https://ja.wikipedia.org/wiki/日本の歴史。", "https://ja.wikipedia.org/wiki/日本の歴史"],
    ["https://example.com/a?b=c", "https://example.com/a?b=c"],
  ])("%s", (text, address) => {
    expect(text.slice(0, addressLength(text))).toBe(address);
  });

  it("ends before the particle", () => {
    expect(inner("見て www.example.comをどうぞ")).toContain('href="http://www.example.com/"');
    expect(inner("見て www.example.comをどうぞ")).toContain("</bdi></a>をどうぞ");
  });
});
