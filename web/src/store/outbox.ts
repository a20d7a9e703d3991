// Questions that the server has not confirmed. A page that is loaded again sends them again: the same question
// twice is one turn.

import type { Question } from "../api/chat";
import { keep, kept } from "./storage";

interface Entry {
  question: Question;
  at: number;
}

/** Older ones are not sent without being asked: they go back to where they were typed. */
const FRESH_MS = 10 * 60_000;

export const outbox = {
  put(question: Question): void {
    keep("outbox", [
      ...entries().filter((it) => it.question.key !== question.key),
      { question, at: Date.now() },
    ]);
  },

  remove(key: string): void {
    const rest = entries().filter((it) => it.question.key !== key);
    keep("outbox", rest.length > 0 ? rest : null);
  },

  /** Keeps a question that was refused for its asker alone: the next page puts it back where it was typed. */
  refuse(key: string): void {
    keep(
      "outbox",
      entries().map((it) => (it.question.key === key ? { ...it, at: 0 } : it)),
    );
  },

  /** Returns what may be sent again, and what is too old for that. */
  take(now: number): { fresh: Question[]; old: Question[] } {
    const all = entries();
    const isFresh = ({ at }: Entry) => now - at < FRESH_MS;
    return {
      fresh: all.filter(isFresh).map((it) => it.question),
      old: all.filter((it) => !isFresh(it)).map((it) => it.question),
    };
  },
};

function entries(): Entry[] {
  const all = kept<unknown>("outbox", []);
  const isEntry = (it: unknown): it is Entry =>
    typeof it === "object" &&
    it !== null &&
    typeof (it as Entry).at === "number" &&
    typeof (it as Entry).question?.key === "string";
  return Array.isArray(all) ? all.filter(isEntry) : [];
}
