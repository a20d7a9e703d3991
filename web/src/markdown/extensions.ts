// What we read beyond GFM, as extensions of marked: formulas, footnotes, and what Discord adds.
import type { Token, TokenizerThis } from "marked";
import { blockMath, mathAt } from "./math-spans";
import type {
  FootnoteRefToken,
  FootnoteToken,
  MathToken,
  SpoilerToken,
  SubtextToken,
  TimestampToken,
} from "./tokens";

const FOOTNOTE = /^ {0,3}\[\^([^\s[\]^]{1,64})\]:[ \t]*/;
const FOOTNOTE_REF = /^\[\^([^\s[\]^]{1,64})\](?!\()/;
const TIMESTAMP = /^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/;
const SUBTEXT = /^-# +([^\n]+)(?:\n|$)/;
const INDENTED = /^(?: {4}|\t)/;
const BEGINS_BLOCK = /^ {0,3}(?:\[\^|[#>|]|`{3}|~{3}|[*+-] |\d{1,9}[.)] )/;
const BLOCK_START = /\n(?=(?: {0,3}(?:\$\$|\\\[))|-# )/g;
/** How far in a paragraph the next block is searched. */
const LOOKAHEAD = 4096;

/** Whether the lexer says that its text may still grow. */
function mayGrow(lexer: TokenizerThis["lexer"]): boolean {
  return (lexer as { mayGrow?: boolean }).mayGrow === true;
}

function readMathBlock(this: TokenizerThis, src: string): MathToken | undefined {
  const span = blockMath(src, mayGrow(this.lexer));
  if (!span) return undefined;
  return {
    type: "math",
    raw: src.slice(0, span.end),
    source: span.source,
    isDisplay: true,
    isOpen: !span.isClosed,
  };
}

function readSubtext(this: TokenizerThis, src: string): SubtextToken | undefined {
  const match = SUBTEXT.exec(src);
  return match ? { type: "subtext", raw: match[0], text: match[1] ?? "" } : undefined;
}

/** The length of a note's text: its lines, and the indented paragraphs after them. */
function footnoteLength(src: string, from: number): number {
  let end = from;
  let isAfterBlank = false;
  for (let at = from; at < src.length;) {
    const newline = src.indexOf("\n", at);
    const next = newline < 0 ? src.length : newline + 1;
    const line = src.slice(at, Math.min(next, at + 80));
    const isBlank = line.trim() === "" && next - at < 80;
    if (at > from && !isBlank) {
      const isLazy = !isAfterBlank && !BEGINS_BLOCK.test(line);
      if (!INDENTED.test(line) && !isLazy) return end;
    }
    isAfterBlank = isBlank;
    at = next;
    if (!isBlank) end = next;
  }
  return end;
}

function readFootnote(this: TokenizerThis, src: string): FootnoteToken | undefined {
  const match = FOOTNOTE.exec(src);
  if (!match) return undefined;
  const raw = src.slice(0, footnoteLength(src, match[0].length));
  const text = raw.slice(match[0].length).replace(/\n(?: {4}|\t)/g, "\n");
  const { top } = this.lexer.state;
  this.lexer.state.top = true;
  const tokens = this.lexer.blockTokens(text.trimEnd(), []);
  this.lexer.state.top = top;
  return { type: "footnote", raw, label: match[1] ?? "", tokens };
}

function readMath(src: string): MathToken | undefined {
  const span = mathAt(src, 0);
  if (!span) return undefined;
  return {
    type: "math",
    raw: src.slice(0, span.end),
    source: span.source,
    isDisplay: span.isDisplay,
    isOpen: false,
  };
}

function readSpoiler(this: TokenizerThis, src: string): SpoilerToken | undefined {
  const end = src.startsWith("||") ? src.indexOf("||", 3) : -1;
  if (end < 0) return undefined;
  const text = src.slice(2, end);
  if (text !== text.trim()) return undefined;
  return { type: "spoiler", raw: src.slice(0, end + 2), tokens: this.lexer.inlineTokens(text) };
}

function readTimestamp(src: string): TimestampToken | undefined {
  const match = TIMESTAMP.exec(src);
  if (!match) return undefined;
  return { type: "timestamp", raw: match[0], unixSeconds: Number(match[1]), style: match[2] ?? "f" };
}

function readFootnoteRef(src: string): FootnoteRefToken | undefined {
  const match = FOOTNOTE_REF.exec(src);
  return match ? { type: "footnote_ref", raw: match[0], label: match[1] ?? "" } : undefined;
}

function readInline(this: TokenizerThis, src: string, _tokens: Token[]) {
  switch (src[0]) {
    case "$":
    case "\\":
      return readMath(src);
    case "|":
      return readSpoiler.call(this, src);
    case "[":
      return readFootnoteRef(src);
    case "<":
      return readTimestamp(src);
    default:
      return undefined;
  }
}

/** Where in a paragraph the next block of ours may begin; marked ends the paragraph there. */
function nextBlock(this: TokenizerThis, src: string): number | undefined {
  const near = src.slice(0, LOOKAHEAD);
  const blank = near.indexOf("\n\n");
  const paragraph = blank < 0 ? near : near.slice(0, blank);
  for (const { index } of paragraph.matchAll(BLOCK_START)) {
    if (paragraph.startsWith("-#", index + 1) || blockMath(src.slice(index + 1), mayGrow(this.lexer)))
      return index + 1;
  }
  return undefined;
}

/** Where in a sentence the next token of ours may begin, but for those at which marked stops anyway. */
function nextInline(src: string): number | undefined {
  const at = src.search(/\$|\|\|/);
  return at < 0 ? undefined : at;
}

/** In the shape in which marked keeps extensions. */
export const EXTENSIONS = {
  renderers: {},
  childTokens: {},
  block: [readMathBlock, readSubtext, readFootnote],
  inline: [readInline],
  startBlock: [nextBlock],
  startInline: [nextInline],
};
