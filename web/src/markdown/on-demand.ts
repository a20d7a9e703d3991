// A part of an answer that needs a chunk of its own: it is drawn when the chunk is there and the page has time.
import { useEffect, useState } from "preact/hooks";
import { whenIdle } from "./idle";

/** Gives the way from a text to what is drawn of it, once its chunk has been loaded. */
export type Loader<T> = () => Promise<(text: string) => T>;

/**
 * What `load` makes of `text`, or nothing while that is not there yet or not wanted.
 * `load` must be the same function for the same way of drawing. A chunk that does not load leaves it at nothing.
 */
export function useDrawn<T>(text: string, isWanted: boolean, load: Loader<T>): T | undefined {
  const [drawn, setDrawn] = useState<{ text: string; load: Loader<T>; result: T }>();
  useEffect(() => {
    if (!isWanted) return undefined;
    let takeBack: (() => void) | undefined;
    let isGone = false;
    const ready = (draw: (text: string) => T) => {
      if (!isGone) takeBack = whenIdle(() => setDrawn({ text, load, result: draw(text) }));
    };
    load().then(ready, () => undefined);
    return () => {
      isGone = true;
      takeBack?.();
    };
  }, [text, isWanted, load]);
  return isWanted && drawn?.text === text && drawn.load === load ? drawn.result : undefined;
}
