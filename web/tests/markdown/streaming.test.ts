// What is streamed in any pieces is in the end what it is at once.
import { describe, expect, it } from "vitest";
import { ANSWERS } from "./corpus";
import { markup, markupOf, show } from "./render";

/** Numbers from 0 to 1 that are the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function cuts(length: number, next: () => number, longest: number): number[] {
  const ends: number[] = [];
  for (let at = 0; at < length;) {
    at = Math.min(length, at + 1 + Math.floor(next() * longest));
    ends.push(at);
  }
  return ends;
}

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
