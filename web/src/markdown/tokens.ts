// The kinds of token that the renderer knows: those of marked, and those of our extensions.
import type { MarkedToken, Token } from "marked";

/** A formula: `$…$`, `\(…\)`, `$$…$$` or `\[…\]`. An open one still waits for its end. */
export interface MathToken {
  type: "math";
  raw: string;
  source: string;
  isDisplay: boolean;
  isOpen: boolean;
}

/** `[^label]` in a sentence. */
export interface FootnoteRefToken {
  type: "footnote_ref";
  raw: string;
  label: string;
}

/** `[^label]: …`, the note itself. */
export interface FootnoteToken {
  type: "footnote";
  raw: string;
  label: string;
  tokens: Token[];
}

/** Discord's `||…||`. */
export interface SpoilerToken {
  type: "spoiler";
  raw: string;
  tokens: Token[];
}

/** Discord's `-# …`. */
export interface SubtextToken {
  type: "subtext";
  raw: string;
  text: string;
}

/** Discord's `<t:UNIX:STYLE>`. */
export interface TimestampToken {
  type: "timestamp";
  raw: string;
  unixSeconds: number;
  style: string;
}

/** Every token that can come out of the lexer. */
export type MarkdownToken =
  MarkedToken | MathToken | FootnoteRefToken | FootnoteToken | SpoilerToken | SubtextToken | TimestampToken;

/** marked types a token so loosely that a switch cannot narrow it; this gives the closed set. */
export function known(token: Token): MarkdownToken {
  return token as MarkdownToken;
}
