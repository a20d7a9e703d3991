// Chance that is the same in each run.

/** Numbers from 0 to 1 that are the same in each run. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Where a text of some length is cut, in steps of at most `longest`. The last cut is its end. */
export function cuts(length: number, next: () => number, longest: number): number[] {
  const ends: number[] = [];
  for (let at = 0; at < length;) {
    at = Math.min(length, at + 1 + Math.floor(next() * longest));
    ends.push(at);
  }
  return ends;
}
