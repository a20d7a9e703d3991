// Counts the calls between JavaScript and wasm, in both directions, as `counts.crossings`.
const Plain = WebAssembly.Instance;

/** Watches every instance that is made from now on; each of its imports gets `more` besides. */
export function countCrossings(counts, more) {
  // A prototype of their own: what is not a function, such as the memory, has to stay itself.
  const counting = (functions) => {
    const entries = Object.entries(functions).map(([name, value]) => {
      if (typeof value !== "function") return [name, value];
      return [name, (...parameters) => { counts.crossings += 1; return value(...parameters); }];
    });
    return Object.fromEntries(entries);
  };
  WebAssembly.Instance = class {
    constructor(module, imports) {
      const seen = Object.entries(imports).map(([name, functions]) => [name, { ...counting(functions), ...more }]);
      this.exports = counting(new Plain(module, Object.fromEntries(seen)).exports);
    }
  };
}
