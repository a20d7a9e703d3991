// Headings without gaps: models begin at any level and skip some, which loses people who read by headings.
import type { Token } from "marked";
import { known } from "./tokens";

/** The levels, as they were written, of the headings that are still open at some place. */
export type OpenHeadings = number[];

/** Gives each heading in `tokens` its rank, 1 for the highest, and keeps `open` for what follows. */
export function rankHeadings(tokens: readonly Token[], open: OpenHeadings): void {
  for (const token of tokens.map(known)) {
    if (token.type === "heading") {
      while ((open.at(-1) ?? 0) >= token.depth) open.pop();
      open.push(token.depth);
      token.depth = open.length;
    } else if (token.type === "blockquote" || token.type === "list_item") {
      rankHeadings(token.tokens, open);
    } else if (token.type === "list") {
      rankHeadings(token.items, open);
    }
  }
}
