// Which number each footnote has: that of its first mention in the text.
import type { Block } from "./answer-blocks";

/** Labels in the order of their numbers. */
export interface NoteNumbers {
  /** Equal for equal numbers. */
  key: string;
  numberOf: ReadonlyMap<string, number>;
  isOpen: boolean;
}

const MENTION = /\[\^([^\s[\]^]{1,64})\](?!\()/g;
const CODE_SPAN = /(`+)[^`][\s\S]{0,200}?\1/g;

function mentioned(blocks: readonly Block[], labels: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const { token } of blocks) {
    if (token.type === "code" || token.type === "footnote" || !token.raw.includes("[^")) continue;
    for (const [, label = ""] of token.raw.replace(CODE_SPAN, "").matchAll(MENTION)) {
      if (labels.has(label)) found.add(label);
    }
  }
  return found;
}

/** While an answer is open its notes keep their labels, so that no number changes under the reader. */
export function numberNotes(blocks: readonly Block[], isOpen: boolean): NoteNumbers {
  const labels = new Set<string>();
  if (!isOpen) for (const { token } of blocks) if (token.type === "footnote") labels.add(token.label);
  const ordered = labels.size === 0 ? [] : [...new Set([...mentioned(blocks, labels), ...labels])];
  const numberOf = new Map(ordered.map((label, index) => [label, index + 1]));
  return { key: JSON.stringify([isOpen, ordered]), numberOf, isOpen };
}
