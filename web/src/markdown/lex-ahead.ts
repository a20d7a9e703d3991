// Splits a text into blocks step by step, so that no pattern of marked ever runs over a whole long answer.
import type { Links, Token } from "marked";
import { lexBlocks } from "./lexer";
import { known } from "./tokens";

/** How much is looked at at once. */
const STEP = 8192;
/** A block that is longer is cut, but for code, whose end is searched in the whole rest. */
const LONGEST_BLOCK = 65_536;

/** The blocks of a text from some place on. */
export interface Ahead {
  /** Those that can no longer change, whatever follows. */
  finished: Token[];
  /** Where in the text the others begin. */
  offset: number;
  tail: Token[];
}

function lastShown(tokens: readonly Token[], from: number): number {
  let last = from;
  while (last >= 0 && tokens[last]?.type === "space") last -= 1;
  return last;
}

/** How many of the tokens can no longer change. */
function finishedCount(tokens: readonly Token[]): number {
  let last = lastShown(tokens, tokens.length - 1);
  // What an unfinished line will be is not known: "2" may become "2. …" and continue the list before it.
  if (last >= 0 && tokens[last]?.raw.includes("\n") === false) last = lastShown(tokens, last - 1);
  return Math.max(last, 0);
}

function windowEnd(text: string, from: number, length: number): number {
  if (text.length - from <= length) return text.length;
  const newline = text.lastIndexOf("\n", from + length - 1);
  return newline > from ? newline + 1 : from + length;
}

function rawLength(tokens: readonly Token[], text: string, from: number): number | undefined {
  let length = 0;
  for (const { raw } of tokens) {
    if (!text.startsWith(raw, from + length)) return undefined;
    length += raw.length;
  }
  return length;
}

/** The blocks of `text` from `from` on. If `isOpen`, the text may still grow, else all of it is finished. */
export function lexAhead(text: string, from: number, isOpen: boolean): Ahead {
  const finished: Token[] = [];
  let offset = from;
  let length = STEP;
  for (;;) {
    const end = windowEnd(text, offset, length);
    const isLast = end === text.length;
    const tokens = lexBlocks(text.slice(offset, end), isOpen || !isLast);
    if (isLast && !isOpen) return { finished: [...finished, ...tokens], offset: end, tail: [] };
    const isCut = !isLast && length >= LONGEST_BLOCK;
    const count = isCut ? tokens.length : finishedCount(tokens);
    const taken = isCut ? end - offset : rawLength(tokens.slice(0, count), text, offset);
    if (taken) {
      finished.push(...tokens.slice(0, count));
      offset += taken;
      length = STEP;
    } else {
      length *= 2;
    }
    if (isLast) return { finished, offset, tail: taken ? tokens.slice(count) : tokens };
  }
}

/** Adds the targets of reference links that are defined in `tokens`, and says how many are new. */
export function addLinks(links: Links, tokens: readonly Token[]): number {
  let added = 0;
  for (const token of tokens.map(known)) {
    if (token.type === "def" && !links[token.tag]) {
      links[token.tag] = { href: token.href, title: token.title };
      added += 1;
    } else if (token.type === "blockquote" || token.type === "list_item" || token.type === "footnote") {
      added += addLinks(links, token.tokens);
    } else if (token.type === "list" && token.raw.includes("]:")) {
      added += addLinks(links, token.items);
    }
  }
  return added;
}
