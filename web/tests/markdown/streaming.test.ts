// What is streamed in any pieces is in the end what it is at once.
import { describe, expect, it } from "vitest";
import { ANSWERS } from "./corpus";
import { cuts, numbers } from "./random";
import { markup, markupOf, show } from "./render";

describe("a streamed answer", () => {
  for (const [name, text] of Object.entries(ANSWERS)) {
    it(`ends as it is at once: ${name}`, () => {
      const expected = markupOf(text);
      for (let seed = 1; seed <= 12; seed += 1) {
        const shown = show("", true);
        for (const end of cuts(text.length, numbers(seed), seed * 3)) shown.show(text.slice(0, end), true);
        shown.show(text, false);
        expect(markup(shown), `seed ${String(seed)}`).toBe(expected);
        shown.remove();
      }
    });
  }
});
