// Where links may lead, and what is said about it.
import { describe, expect, it } from "vitest";
import { dataImage, namesOtherPlace, safeLink } from "../../src/markdown/links";
import { inner } from "./render";

const GUARDS = 'target="_blank" rel="noopener noreferrer nofollow ugc"';

describe("an address", () => {
  it("is http, https or mailto", () => {
    expect(safeLink("https://example.com/a?b=c#d")).toEqual({
      href: "https://example.com/a?b=c#d",
      place: "example.com",
    });
    expect(safeLink("HTTP://EXAMPLE.com:8080")).toEqual({
      href: "http://example.com:8080/",
      place: "example.com:8080",
    });
    expect(safeLink("mailto:a@example.com?subject=x")).toEqual({
      href: "mailto:a@example.com?subject=x",
      place: "a@example.com",
    });
  });

  it.each([
    "javascript:x",
    " javascript:x",
    "java\nscript:x",
    "javascript&colon;x",
    "data:text/html,x",
    "vbscript:x",
    "file:///x",
    "/x",
    "#x",
    "//x.example",
    "mailto:",
    "",
  ])("is nothing else: %j", (href) => {
    expect(safeLink(href)).toBeUndefined();
  });

  it("is not longer than a browser takes", () => {
    expect(safeLink(`https://example.com/${"a".repeat(9000)}`)).toBeUndefined();
  });

  it("has its references decoded, unless it was written bare", () => {
    expect(safeLink("https://example.com/?a&amp;b")?.href).toBe("https://example.com/?a&b");
    expect(safeLink("https://example.com/?a&amp;b", true)?.href).toBe("https://example.com/?a&amp;b");
  });

  it("is shown in ASCII", () => {
    expect(safeLink("https://b\u0430nk.example")?.place).toBe("xn--bnk-6cd.example");
  });
});

describe("the words of a link", () => {
  const link = { href: "https://example.com/", place: "example.com" };

  it.each(["here", "example.com", "www.example.com/path", "https://EXAMPLE.com", "version 1.2", "e.g. this"])(
    "are honest: %s",
    (words) => {
      expect(namesOtherPlace(words, link)).toBe(false);
    },
  );

  it.each([
    "https://bank.example",
    "bank.example",
    "see bank.example or example.com",
    "https://ex\u0430mple.com",
    "https://example.com.evil.example",
  ])("name another host: %s", (words) => {
    expect(namesOtherPlace(words, link)).toBe(true);
  });

  it("are never trusted where a user stands before the host", () => {
    expect(
      namesOtherPlace("here", { href: "https://bank.example@evil.example/", place: "evil.example" }),
    ).toBe(true);
  });

  it("may not name another recipient", () => {
    const mail = { href: "mailto:a@example.com", place: "a@example.com" };
    expect(namesOtherPlace("b@example.com", mail)).toBe(true);
    expect(namesOtherPlace("a@example.com", mail)).toBe(false);
    expect(namesOtherPlace("write to us", mail)).toBe(false);
  });
});

describe("a link", () => {
  it("says where it leads, and opens elsewhere", () => {
    expect(inner("[*a*](https://example.com/x)")).toBe(
      `<p dir="auto"><a class="md-link" href="https://example.com/x" title="Opens example.com" ${GUARDS}><bdi><em>a</em></bdi></a></p>`,
    );
  });

  it("shows the real host if its words name another, or nothing", () => {
    expect(inner("[https://bank.example](https://evil.example)")).toContain(
      '<bdi class="md-link-host" dir="ltr"> (evil.example)</bdi>',
    );
    expect(inner("[](https://evil.example)")).toContain("(evil.example)");
    expect(inner("[bank](https://evil.example)")).not.toContain("md-link-host");
  });

  it("is the text that the model wrote, if it may not be a link", () => {
    expect(inner("[a](javascript:x)")).toBe('<p dir="auto">[a](javascript:x)</p>');
    expect(inner("<ftp://example.com>")).toBe('<p dir="auto">&lt;ftp://example.com&gt;</p>');
  });

  it("is made of bare addresses", () => {
    expect(inner("https://example.com/a, www.example.org. a@example.net")).toContain(
      'href="https://example.com/a"',
    );
    expect(inner("www.example.org.")).toContain('href="http://www.example.org/"');
    expect(inner("a@example.net")).toContain('href="mailto:a@example.net"');
  });

  it("never stands in another link", () => {
    const shown = inner("[![a](https://b.example/c.png)](https://example.com)");
    expect(shown.match(/<a /g)).toHaveLength(1);
  });
});

describe("a picture", () => {
  it("of another host is a link to it", () => {
    expect(inner("![cat](https://img.example/c.png)")).toBe(
      `<p dir="auto"><a class="md-image-link" href="https://img.example/c.png" title="Opens img.example" ${GUARDS}><bdi>Image: cat (img.example)</bdi></a></p>`,
    );
    expect(inner("![](https://img.example/c.png)")).toContain("Image (img.example)");
  });

  it("in the text itself is shown, if it is of a kind without script", () => {
    expect(inner("![a](data:image/png;base64,AAAA)")).toBe(
      '<p dir="auto"><img class="md-image" src="data:image/png;base64,AAAA" alt="a" loading="lazy" decoding="async"></p>',
    );
    expect(inner("![a](data:image/svg+xml;base64,AAAA)")).toBe('<p dir="auto">a</p>');
    expect(dataImage("data:image/webp;base64,AA==")).toBeDefined();
    expect(dataImage("data:image/png,AAAA")).toBeUndefined();
    expect(dataImage(`data:image/png;base64,${"A".repeat(2_000_000)}`)).toBeUndefined();
  });

  it("in the text itself may be longer than a piece", () => {
    const source = `data:image/png;base64,${"A".repeat(10_000)}`;
    expect(inner(`words ![a](${source}) words`)).toContain(`src="${source}"`);
  });
});
