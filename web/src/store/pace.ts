// How often a growing text is shown: some dozen times a second, and less often where that takes the browser long.

const SHORTEST_MS = 70;
const LONGEST_MS = 400;
/** Share of the time that showing may take. */
const SHARE = 0.25;

export class Pace {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private wait = SHORTEST_MS;
  private last = 0;

  constructor(private readonly show: () => void) {}

  /** Shows soon. */
  ask(): void {
    if (this.timer !== null) return;
    const since = performance.now() - this.last;
    this.timer = setTimeout(() => this.now(), Math.max(0, this.wait - since));
  }

  /** Shows now. */
  now(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const start = performance.now();
    this.show();
    this.last = start;
    // Rendering follows in a microtask; the next frame says how long all of it took.
    if (typeof requestAnimationFrame === "undefined") return;
    requestAnimationFrame(() => {
      const took = performance.now() - start;
      this.wait = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (took - 16) / SHARE));
    });
  }
}
