// Text files that are sent as a part of the question: written behind it, and read back for showing. Every other file
// is kept by the Worker, and goes along by its id.

import type { Kept } from "../api/types";

export interface TextFile {
  name: string;
  text: string;
}

export type Attached = TextFile | Kept;

export const isKept = (file: Attached): file is Kept => "id" in file;

/** Most files of one question that the Worker keeps. */
export const MAX_KEPT = 4;

/** Longest question that the Worker takes, in bytes of UTF-8. */
export const MAX_BYTES = 32 * 1024;
/** A pasted text longer than this becomes an attachment, in characters. */
export const LONG_PASTE = 4_000;

const TYPES = /^(text\/|application\/(json|xml|javascript|x-sh|x-yaml|yaml|toml|sql)\b)/;
const ENDINGS =
  /\.(txt|md|markdown|csv|tsv|json|jsonl|xml|ya?ml|toml|ini|log|sql|sh|bash|rs|ts|tsx|js|jsx|mjs|py|rb|go|java|kt|c|h|cpp|hpp|cs|swift|php|html?|css|diff|patch|tex)$/i;

/** Whether a file is text by its type or its name. */
export function isText(file: File): boolean {
  return TYPES.test(file.type) || ENDINGS.test(file.name);
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Writes files behind a question. */
export function withAttached(text: string, files: Attached[]): string {
  const texts = files.filter((file): file is TextFile => !isKept(file));
  const parts = texts.map(({ name, text: inside }) => {
    const longest = Math.max(2, ...[...inside.matchAll(/`+/g)].map(([ticks]) => ticks.length));
    const fence = "`".repeat(longest + 1);
    return `[file: ${plain(name)}]\n${fence}\n${inside.replace(/\s+$/, "")}\n${fence}`;
  });
  return [text.trim(), ...parts].filter((part) => part !== "").join("\n\n");
}

/** Reads a question and its files back. */
export function split(question: string): { text: string; files: TextFile[] } {
  const files: TextFile[] = [];
  const text = question.replace(
    /(?:^|\n\n)\[file: ([^\n]*)\]\n(`{3,})\n([\s\S]*?)\n\2(?=\n\n|$)/g,
    (_all, name: string, _fence, inside: string) => {
      files.push({ name, text: inside });
      return "";
    },
  );
  return { text: text.trim(), files };
}

function plain(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}\]]/gu, "").slice(0, 80) || "file";
}
