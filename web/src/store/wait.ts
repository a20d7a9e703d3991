// Waiting before the next try: longer each time, at random within limits, and no longer than the line is down.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

class Backoff {
  private readonly waiting = new Set<() => void>();

  /**
   * Waits before try number `attempt`, from 1, and at least as long as the server asks for, in seconds; ends early when
   * the browser is back or the signal aborts.
   */
  wait(attempt: number, signal: AbortSignal, afterS: number | null = null): Promise<void> {
    const ceiling = Math.max(
      Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1)),
      2_000 * Math.min(afterS ?? 0, 30),
    );
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ceiling / 2 + (Math.random() * ceiling) / 2);
      this.waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  /** Ends every wait. */
  wake(): void {
    for (const done of [...this.waiting]) done();
  }
}

export const backoff = new Backoff();
