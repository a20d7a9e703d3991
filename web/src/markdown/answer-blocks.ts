// A text that grows, kept as blocks: what is finished is lexed once, only the end is lexed again.
import type { Links, Token } from "marked";
import { type OpenHeadings, rankHeadings } from "./heading-ranks";
import { shownLength } from "./held-back";
import { addLinks, lexAhead } from "./lex-ahead";
import { noLinks } from "./lexer";
import { OpenFence } from "./open-fence";
import { known, type MarkdownToken } from "./tokens";

/** One block of an answer. A block that did not change stays the same object. */
export interface Block {
  /** The same for a block while it grows. */
  id: number;
  token: MarkdownToken;
  /** Whether more of it may come. */
  isOpen: boolean;
  /** How many targets of reference links were known when it was made. */
  linkCount: number;
}

function isShown(token: Token): boolean {
  return token.type !== "space" && token.type !== "def";
}

function rankOf(token: MarkdownToken): number {
  return token.type === "heading" ? token.depth : 0;
}

/** The blocks of one answer while it is written, and afterwards. */
export class AnswerBlocks {
  /** Targets of reference links. Grows while the answer is written, complete at its end. */
  links: Links = noLinks();
  #linkCount = 0;
  #text = "";
  #isOpen = true;
  #finished: Block[] = [];
  /** Where in the text the first block that is not finished begins. */
  #offset = 0;
  #tail: Block[] = [];
  #headings: OpenHeadings = [];
  #fence: OpenFence | undefined;

  /**
   * The blocks of `text`, of which the last is still written if `isOpen`.
   * Cheap if `text` continues the text of the call before; any other text is right too.
   */
  update(text: string, isOpen: boolean): readonly Block[] {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    const isContinued = this.#isOpen && source.startsWith(this.#text);
    if (!isContinued) this.#reset();
    const isSame = source.length === this.#text.length && isOpen === this.#isOpen;
    if (!isSame || !isContinued) {
      this.#text = source;
      this.#isOpen = isOpen;
      if (isOpen) this.#grow();
      else this.#finish();
    }
    return [...this.#finished, ...this.#tail];
  }

  #reset(): void {
    this.#text = "";
    this.#finished = [];
    this.#tail = [];
    this.#offset = 0;
    this.#fence = undefined;
    this.#headings = [];
    this.links = noLinks();
    this.#linkCount = 0;
  }

  #grow(): void {
    const tail = this.#text.slice(this.#offset);
    if (this.#fence?.continues(tail)) {
      this.#tail = this.#blocksOf([this.#fence.token(tail)], this.#finished.length);
      return;
    }
    const shown = this.#text.slice(0, Math.max(this.#offset, shownLength(this.#text)));
    const { finished, offset, tail: rest } = lexAhead(shown, this.#offset, true);
    this.#linkCount += addLinks(this.links, finished);
    rankHeadings(finished, this.#headings);
    rankHeadings(rest, [...this.#headings]);
    this.#finished.push(...this.#blocksOf(finished, this.#finished.length, false));
    this.#offset = offset;
    this.#tail = this.#blocksOf(rest, this.#finished.length);
    this.#fence = OpenFence.at(shown.slice(offset), rest.at(-1));
  }

  /** The whole text is split once more: that is the truth, and what was shown is kept where it agrees. */
  #finish(): void {
    const shown = [...this.#finished, ...this.#tail];
    const { finished } = lexAhead(this.#text, 0, false);
    this.links = noLinks();
    this.#linkCount = addLinks(this.links, finished);
    rankHeadings(finished, []);
    this.#finished = this.#made(finished, 0, shown, () => false);
    this.#tail = [];
    this.#fence = undefined;
  }

  #blocksOf(tokens: readonly Token[], firstId: number, canBeOpen = true): Block[] {
    const last = tokens.filter(isShown).at(-1);
    return this.#made(
      tokens,
      firstId,
      [...this.#finished, ...this.#tail],
      (token) => canBeOpen && token === last,
    );
  }

  #made(
    tokens: readonly Token[],
    firstId: number,
    before: readonly Block[],
    isOpen: (token: Token) => boolean,
  ): Block[] {
    return tokens.filter(isShown).map((token, index) => {
      const id = firstId + index;
      const made: Block = { id, token: known(token), isOpen: isOpen(token), linkCount: this.#linkCount };
      const old = before[id];
      return old && this.#isUnchanged(old, made) ? old : made;
    });
  }

  #isUnchanged(old: Block, made: Block): boolean {
    return (
      old.isOpen === made.isOpen &&
      old.token.type === made.token.type &&
      old.token.raw === made.token.raw &&
      rankOf(old.token) === rankOf(made.token) &&
      (old.linkCount === made.linkCount || !made.token.raw.includes("["))
    );
  }
}
