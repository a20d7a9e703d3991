// Keeps an answer that is dear to draw from taking the page's time: after each drawing it rests in proportion.
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

/** What is drawn faster needs no rest. */
const CHEAP_MS = 6;
/** So at most a ninth of the time is spent drawing. */
const REST_FACTOR = 8;
/** No answer stands still for longer. */
const LONGEST_REST_MS = 2000;

/** How long to wait until the next drawing, if the last one took `costMs` and ended `sinceMs` ago. */
export function restMs(costMs: number, sinceMs: number): number {
  if (costMs <= CHEAP_MS) return 0;
  return Math.max(0, Math.min(costMs * REST_FACTOR, LONGEST_REST_MS) - sinceMs);
}

/** Whether this drawing of an open answer should show again what the last one showed. It draws by itself after the rest. */
export function useRest(isOpen: boolean): boolean {
  const last = useRef({ costMs: 0, endMs: 0 });
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const startMs = performance.now();
  const wait = isOpen ? restMs(last.current.costMs, startMs - last.current.endMs) : 0;
  useLayoutEffect(() => {
    if (wait > 0) return;
    const endMs = performance.now();
    last.current = { costMs: endMs - startMs, endMs };
  });
  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = setTimeout(() => drawAgain(undefined), wait);
    return () => clearTimeout(timer);
  });
  return wait > 0;
}
