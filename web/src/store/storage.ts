// What the browser keeps. Where it keeps nothing (private windows, full disks), the page works without.

const PREFIX = "miyabi.";
/** What is everybody's who uses this browser. */
const SHARED = new Set(["preferences", "owner"]);

/** Whose the rest is, as the Worker names them; blank for who is nobody yet. Until it has said so, who was here last. */
let owner = "";
owner = kept("owner", "");

function place(name: string): string {
  return SHARED.has(name) ? PREFIX + name : `${PREFIX}${owner}.${name}`;
}

/**
 * Keeps apart what people on one browser have left. `isCarried`: what was there becomes theirs, since it was typed by the
 * same person before they said who they are; so is what nobody has typed. Returns whether something was left behind.
 */
export function belongTo(to: string, isCarried: boolean): boolean {
  if (to === owner) return false;
  const before = owner;
  owner = to;
  keep("owner", to === "" ? null : to);
  if (before !== "" && !isCarried) return true;
  try {
    for (const name of ["drafts", "outbox"]) {
      const from = `${PREFIX}${before}.${name}`;
      const value = localStorage.getItem(from);
      if (value === null) continue;
      if (localStorage.getItem(place(name)) === null) localStorage.setItem(place(name), value);
      localStorage.removeItem(from);
    }
  } catch {
    // Nothing was kept.
  }
  return false;
}

/** Returns what is kept under a name, or `otherwise` where there is nothing or not what was written. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(place(name));
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keeps a value; `null` forgets it. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(place(name));
    else localStorage.setItem(place(name), JSON.stringify(value));
  } catch {
    // Nothing is lost but what a reload would have brought back.
  }
}

/** Forgets everything of who has signed out; how the page looks is not theirs. */
export function forgetPerson(): void {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${owner}.`));
    for (const name of names) localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}
