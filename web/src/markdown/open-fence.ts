// A code block whose end has not come yet: of each flush only the new lines are looked at.
import type { Token, Tokens } from "marked";

const OPENING = /^(`{3,}|~{3,})([^\n]*)\n/;

/** Follows one open code block at the end of a text. */
export class OpenFence {
  /** Everything before this place has been searched for the closing line. */
  #searched: number;
  readonly #closing: RegExp;
  readonly #hidden: RegExp;

  private constructor(
    readonly bodyStart: number,
    readonly language: string,
    marker: string,
  ) {
    this.#searched = bodyStart;
    const char = marker.charAt(0);
    this.#closing = new RegExp(`^ {0,3}${char}{${String(marker.length)},} *$`, "m");
    // The beginning of a line that may become the closing one is not shown.
    this.#hidden = new RegExp(`^ {0,3}${char}+ *$`);
  }

  /** The open code block with which `tail` begins, if it is all of it. An indented one is left to marked. */
  static at(tail: string, last: Token | undefined): OpenFence | undefined {
    const opening = last?.type === "code" && last.raw.length === tail.length ? OPENING.exec(tail) : null;
    if (!opening) return undefined;
    const [whole, marker = "", info = ""] = opening;
    const fence = new OpenFence(whole.length, info.trim(), marker);
    return fence.continues(tail) ? fence : undefined;
  }

  /** Whether the block is still open in `tail`, which has only grown. */
  continues(tail: string): boolean {
    if (this.#closing.test(tail.slice(this.#searched))) return false;
    this.#searched = Math.max(this.bodyStart, tail.lastIndexOf("\n") + 1);
    return true;
  }

  /** The block with all of its line ends, but without the beginning of a closing line. */
  token(tail: string): Tokens.Code {
    const body = tail.slice(this.bodyStart);
    const lastLine = body.slice(body.lastIndexOf("\n") + 1);
    const text = this.#hidden.test(lastLine) ? body.slice(0, body.length - lastLine.length) : body;
    return { type: "code", raw: tail, lang: this.language, text };
  }
}
