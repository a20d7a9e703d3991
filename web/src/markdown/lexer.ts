// marked's lexer with bounds: nesting is limited, long paragraphs are read in pieces, and nothing throws.
import { Lexer, Tokenizer } from "marked";
import type { Links, MarkedOptions, Token, Tokens, TokensList } from "marked";
import { addressLength, withCjk } from "./cjk";
import { EXTENSIONS } from "./extensions";
import { maskMath } from "./math-spans";

/** Blocks in blocks (lists, quotes) below this level are shown as text. */
export const MAX_BLOCK_DEPTH = 16;
/** Emphasis in emphasis below this level is shown as text. */
export const MAX_INLINE_DEPTH = 16;
/** Some of marked's patterns are quadratic; a piece of this length keeps that harmless. */
export const MAX_PIECE = 2048;

/** In a quote marked reads some lines again and again; a longer one is shown as two. */
const LONGEST_QUOTE = 4096;

class AnswerTokenizer extends Tokenizer {
  override blockquote(src: string): Tokens.Blockquote | undefined {
    if (src.length <= LONGEST_QUOTE) return super.blockquote(src);
    const blank = src.lastIndexOf("\n>\n", LONGEST_QUOTE);
    const cut = blank > 0 ? blank : src.lastIndexOf("\n", LONGEST_QUOTE);
    return super.blockquote(src.slice(0, cut > 0 ? cut : LONGEST_QUOTE));
  }

  override url(src: string): Tokens.Link | undefined {
    const link = super.url(src);
    const length = link ? addressLength(link.raw) : 0;
    if (!link || length === link.raw.length) return link;
    const text = link.raw.slice(0, length);
    const href = link.href.slice(0, link.href.length - link.raw.length + length);
    return { ...link, raw: text, text, href, tokens: [{ type: "text", raw: text, text }] };
  }

  /** Tags are shown as text, so unlike in marked they change nothing for the words after them. */
  override tag(src: string): Tokens.Tag | undefined {
    if (!src.startsWith("<")) return undefined;
    const raw = this.rules.inline.tag.exec(src)?.[0];
    return raw ? { type: "html", raw, text: raw, inLink: false, inRawBlock: false, block: false } : undefined;
  }
}

type Mask = NonNullable<MarkedOptions["hooks"]>;

class AnswerLexer extends Lexer {
  #blockDepth = 0;
  #inlineDepth = 0;

  constructor(private readonly isOpen: boolean) {
    const tokenizer = new AnswerTokenizer();
    super({ gfm: true, breaks: true, extensions: EXTENSIONS, tokenizer });
    tokenizer.rules = { ...tokenizer.rules, inline: withCjk(tokenizer.rules.inline) };
  }

  /** Whether what is read now may end where the whole text does, which may grow. */
  get mayGrow(): boolean {
    return this.isOpen && this.#blockDepth === 1;
  }

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped = false): Token[] {
    if (this.#blockDepth >= MAX_BLOCK_DEPTH) {
      if (src !== "") tokens.push({ type: "paragraph", raw: src, text: src, tokens: this.inline(src) });
      this.state.top = true;
      return tokens;
    }
    this.#blockDepth += 1;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#blockDepth -= 1;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlineDepth >= MAX_INLINE_DEPTH) {
      tokens.push({ type: "text", raw: src, text: src });
      return tokens;
    }
    this.#inlineDepth += 1;
    this.#maskFormulasOf(src);
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlineDepth -= 1;
    }
  }

  /** marked reads the mask once, at the beginning of each run. */
  #maskFormulasOf(src: string): void {
    if (/\$|\\[([]/.test(src)) {
      this.options.hooks = { emStrongMask: (masked: string) => maskMath(src, masked) } as unknown as Mask;
    } else {
      delete this.options.hooks;
    }
  }
}

/** A map without a prototype: `__proto__` is a label like any other. */
export function noLinks(): Links {
  return Object.create(null) as Links;
}

/** A text in which marked fails is shown as it was written. */
function asWritten(text: string): Token[] {
  return [{ type: "html", block: true, pre: false, raw: text, text }];
}

/** Splits a text, whose line ends are `\n`, into blocks. Sentences are read later, by `lexInline`. */
export function lexBlocks(text: string, isOpen: boolean): Token[] {
  try {
    return new AnswerLexer(isOpen).blockTokens(text, []);
  } catch {
    return asWritten(text);
  }
}

/** Where a piece may end, best first: after a line, a sentence, a word. */
const PIECE_ENDS = ["\n", ". ", "。", " "];
const DATA_IMAGE_START = /\]\(data:image\/[^)]*$/;

function pieceEnd(text: string, from: number): number {
  const limit = from + MAX_PIECE;
  if (text.length <= limit) return text.length;
  if (DATA_IMAGE_START.test(text.slice(from, limit))) {
    const close = text.indexOf(")", limit);
    return close < 0 ? text.length : close + 1;
  }
  for (const end of PIECE_ENDS) {
    const at = text.lastIndexOf(end, limit - end.length);
    if (at > from + MAX_PIECE / 2) return at + end.length;
  }
  return limit;
}

/** A long paragraph in pieces, which stay the same while it grows. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from = pieceEnd(text, from))
    pieces.push(text.slice(from, pieceEnd(text, from)));
  return pieces;
}

/** The parts of a sentence, which is a piece at most. */
export function lexInline(piece: string, links: Links): Token[] {
  const lexer = new AnswerLexer(false);
  lexer.tokens.links = links;
  try {
    return lexer.inlineTokens(piece);
  } catch {
    return [{ type: "text", raw: piece, text: piece }];
  }
}
