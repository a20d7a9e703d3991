// What a hostile model may write. Data only: jsdom and a real browser read the same list.
import { HTML } from "./hostile/html";
import { IMAGES } from "./hostile/images";
import { LINKS } from "./hostile/links";
import { MATH } from "./hostile/math";
import { SHAPES } from "./hostile/shapes";

/** One hostile answer. */
export interface HostileText {
  name: string;
  text: string;
}

function named(kind: string, texts: readonly string[]): HostileText[] {
  return texts.map((text, index) => ({
    name: `${kind} ${String(index + 1)}: ${JSON.stringify(text.slice(0, 50))}`,
    text,
  }));
}

/** Code in them that ran would call the global `pwned()`; what loads would ask `evil.example`. */
export const HOSTILE: readonly HostileText[] = [
  ...named("html", HTML),
  ...named("link", LINKS),
  ...named("image", IMAGES),
  ...named("math", MATH),
  ...named("shape", SHAPES),
];
