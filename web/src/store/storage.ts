// What the browser keeps. Where it keeps nothing (private windows, full disks), the page works without.

const PREFIX = "miyabi.";

/** Returns what is kept under a name, or `otherwise` where there is nothing or not what was written. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keeps a value; `null` forgets it. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Nothing is lost but what a reload would have brought back.
  }
}

/** Forgets everything of who has signed out; how the page looks is not theirs. */
export function forgetPerson(): void {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    for (const name of names) if (name !== `${PREFIX}preferences`) localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}
