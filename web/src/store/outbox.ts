// Questions that the server has not confirmed. A page that is loaded again sends them again: the same question
// twice is one turn.

import type { Question } from "../api/chat";
import { keep, kept } from "./storage";
import { isTemporary } from "./temporary";

interface Entry {
  question: Question;
  at: number;
}

/** Older ones are not sent without being asked: they go back to where they were typed. */
const FRESH_MS = 10 * 60_000;

/** Those of temporary conversations go with their tab. */
const SHELVES = ["outbox", "tab-outbox"];

export const outbox = {
  put(question: Question): void {
    const shelf = isTemporary(question.conversation) ? "tab-outbox" : "outbox";
    const others = entries(shelf).filter((it) => it.question.key !== question.key);
    keep(shelf, [...others, { question, at: Date.now() }]);
  },

  remove(key: string): void {
    for (const shelf of SHELVES) {
      const rest = entries(shelf).filter((it) => it.question.key !== key);
      keep(shelf, rest.length > 0 ? rest : null);
    }
  },

  /** Keeps a question that was refused for its asker alone: the next page puts it back where it was typed. */
  refuse(key: string): void {
    for (const shelf of SHELVES) {
      const all = entries(shelf).map((it) => (it.question.key === key ? { ...it, at: 0 } : it));
      keep(shelf, all.length > 0 ? all : null);
    }
  },

  /** Returns what may be sent again, and what is too old for that. */
  take(now: number): { fresh: Question[]; old: Question[] } {
    const all = SHELVES.flatMap(entries);
    const isFresh = ({ at }: Entry) => now - at < FRESH_MS;
    return {
      fresh: all.filter(isFresh).map((it) => it.question),
      old: all.filter((it) => !isFresh(it)).map((it) => it.question),
    };
  },
};

function entries(shelf: string): Entry[] {
  const all = kept<unknown>(shelf, []);
  const isEntry = (it: unknown): it is Entry =>
    typeof it === "object" &&
    it !== null &&
    typeof (it as Entry).at === "number" &&
    typeof (it as Entry).question?.key === "string";
  return Array.isArray(all) ? all.filter(isEntry) : [];
}
