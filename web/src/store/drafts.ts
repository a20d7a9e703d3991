// What is typed and attached and not sent, for each conversation. It outlives a reload and a closed tab, but for what
// is typed in a temporary conversation: that goes with its tab.

import type { Attached } from "../parts/attached";
import { keep, kept } from "./storage";
import { isTemporary, TEMPORARY } from "./temporary";

const MAX_DRAFTS = 50;
const NEW_PREFIX = "new.";
const isNew = /^new\.[0-9a-f-]{36}$/;

/** Name of the draft of a conversation that there is not yet. Each tab has its own. */
export const NEW = NEW_PREFIX + crypto.randomUUID();
/** The same of a temporary one. */
export const NEW_TEMPORARY = `${TEMPORARY}new`;

export interface Draft {
  text: string;
  files: Attached[];
}

type Drafts = Record<string, Draft>;

function isDraft(it: unknown): it is Draft {
  const draft = it as Partial<Draft> | null;
  return typeof draft === "object" && typeof draft?.text === "string" && Array.isArray(draft.files);
}

/** Where the draft of a conversation is kept. */
const shelf = (conversation: string) => (isTemporary(conversation) ? "tab-drafts" : "drafts");

export const drafts = {
  /** Is told where a draft has gone, also an empty one. */
  onMove: (_from: string, _to: string): void => {},

  read(conversation: string): Draft {
    const draft = kept<Drafts>(shelf(conversation), {})[conversation];
    return isDraft(draft) ? draft : { text: "", files: [] };
  },

  write(conversation: string, draft: Draft): void {
    const name = shelf(conversation);
    const { [conversation]: _before, ...others } = kept<Drafts>(name, {});
    const newest = Object.entries(others).slice(-(MAX_DRAFTS - 1));
    if (draft.text !== "" || draft.files.length > 0) newest.push([conversation, draft]);
    keep(name, newest.length > 0 ? Object.fromEntries(newest) : null);
  },

  forget(conversation: string): void {
    drafts.write(conversation, { text: "", files: [] });
  },

  /** Puts a draft elsewhere, behind what is there. Returns whether there was one. */
  move(from: string, to: string): boolean {
    if (from === to) return false;
    drafts.onMove(from, to);
    const { text, files } = drafts.read(from);
    if (text === "" && files.length === 0) return false;
    const there = drafts.read(to);
    const both = there.text === "" || text === "" ? there.text + text : `${there.text}\n\n${text}`;
    drafts.write(to, { text: both, files: [...there.files, ...files] });
    drafts.forget(from);
    return true;
  },
};

const LOCK = "miyabi.";
const NEXT_LOOK_MS = 400;

/** Tabs that are open hold a lock by the name of their draft. `null` where the browser has no locks. */
async function openTabs(): Promise<Set<string> | null> {
  const locks = (navigator as Partial<Navigator>).locks;
  const held = (await locks?.query().catch(() => null))?.held;
  return held ? new Set(held.map((it) => it.name ?? "")) : null;
}

/**
 * Takes over the draft that this tab had before it was loaded again, or else one of a tab that is not there any more.
 * Returns whether there was one. Nothing is taken from a tab that is open, nor where something was typed already.
 */
export async function adopt(): Promise<boolean> {
  const before = kept("tab", "");
  keep("tab", NEW);
  for (const isLast of [false, true]) {
    const open = await openTabs();
    const isLeft = (name: string) =>
      isNew.test(name) && name !== NEW && (open ? !open.has(LOCK + name) : name === before);
    const left = Object.keys(kept<Drafts>("drafts", {})).filter(isLeft);
    const from = left.includes(before) ? before : left.at(-1);
    // The page that was here before may be a moment from letting go.
    const mayFollow = isDraft(kept<Drafts>("drafts", {})[before]) && before !== NEW && !left.includes(before);
    if (mayFollow && !isLast) {
      await new Promise((go) => setTimeout(go, NEXT_LOOK_MS));
      continue;
    }
    const own = drafts.read(NEW);
    return from !== undefined && own.text === "" && own.files.length === 0 && drafts.move(from, NEW);
  }
  return false;
}

// A page that is loaded again shows at once what was typed in it.
const loaded = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
if (loaded?.type === "reload") {
  drafts.move(kept("tab", NEW), NEW);
  keep("tab", NEW);
}

/** Says for as long as the page is open that its draft is not left behind. */
export function holdDraft(): void {
  const locks = (navigator as Partial<Navigator>).locks;
  void locks?.request(LOCK + NEW, () => new Promise(() => {})).catch(() => {});
}
