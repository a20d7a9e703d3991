// No hostile answer makes an element, an attribute or an address that is not allowed, nor stops the page.
import { describe, expect, it } from "vitest";
import { HOSTILE } from "./hostile";
import { depth, faults } from "./inspect";
import { loaded, show } from "./render";

/** Far more than a slow machine needs; without bounds some of them take minutes. */
const LONGEST_MS = 30_000;

describe("a hostile answer", () => {
  it("comes in more than two hundred forms, each once", () => {
    expect(new Set(HOSTILE.map(({ text }) => text)).size).toBeGreaterThan(400);
  });

  for (const { name, text } of HOSTILE) {
    it(`is harmless: ${name}`, { timeout: LONGEST_MS }, async () => {
      const shown = show(text);
      await loaded();
      expect(faults(shown.root)).toEqual([]);
      expect(depth(shown.root)).toBeLessThan(200);
      shown.show(text.slice(0, text.length / 2), true);
      shown.show(text, true);
      expect(faults(shown.root)).toEqual([]);
      const spoilers = [...shown.root.querySelectorAll<HTMLButtonElement>(".md-spoiler")];
      for (const button of spoilers.slice(0, 20)) button.click();
      await loaded();
      expect(faults(shown.root)).toEqual([]);
      shown.remove();
    });
  }
});
