// What the browser keeps. Where it keeps nothing (private windows, full disks), the page works without.

const PREFIX = "miyabi.";
/** What is everybody's who uses this browser. */
const SHARED = new Set(["preferences", "owner"]);
/** What goes with its tab. */
const OF_TAB = new Set(["tab", "tab-drafts", "tab-outbox", "tab-temporary"]);

const shelf = (name: string) => (OF_TAB.has(name) ? sessionStorage : localStorage);

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
    for (const name of ["drafts", "outbox", ...OF_TAB]) {
      const from = `${PREFIX}${before}.${name}`;
      const value = shelf(name).getItem(from);
      if (value === null) continue;
      if (shelf(name).getItem(place(name)) === null) shelf(name).setItem(place(name), value);
      shelf(name).removeItem(from);
    }
  } catch {
    // Nothing was kept.
  }
  return false;
}

/** Returns what is kept under a name, or `otherwise` where there is nothing or not what was written. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = shelf(name).getItem(place(name));
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keeps a value; `null` forgets it. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) shelf(name).removeItem(place(name));
    else shelf(name).setItem(place(name), JSON.stringify(value));
  } catch {
    // Nothing is lost but what a reload would have brought back.
  }
}

/** Forgets everything of who has signed out; how the page looks is not theirs. */
export function forgetPerson(): void {
  try {
    for (const all of [localStorage, sessionStorage]) {
      const names = Object.keys(all).filter((name) => name.startsWith(`${PREFIX}${owner}.`));
      for (const name of names) all.removeItem(name);
    }
  } catch {
    // Nothing was kept.
  }
}
