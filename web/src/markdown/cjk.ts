// Emphasis and addresses beside Chinese, Japanese and Korean, which have no spaces between words.
import type { Rules } from "marked";

// Brackets, stops and other marks of CJK, in full width: they are letters to emphasis, as in **「重要」**です.
const MARKS =
  "\\u3001-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\u30fb\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65";
// Kana, Han and Hangul: beside them emphasis may begin and end at any mark, as in です**(注)**が.
const LETTERS = "\\u3041-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff";

type InlineRules = Rules["inline"];

/** marked's own patterns, with its classes of punctuation changed. */
function adapted(pattern: RegExp): RegExp {
  const source = pattern.source
    .replaceAll("[^\\s\\p{P}\\p{S}]", `(?:[^\\s\\p{P}\\p{S}]|[${MARKS}])`)
    .replaceAll("[\\s\\p{P}\\p{S}]", `(?:(?![${MARKS}])[\\s\\p{P}\\p{S}])`)
    .replaceAll("[\\p{P}\\p{S}]", `(?:(?![${MARKS}])[\\p{P}\\p{S}])`)
    // A mark before a delimiter closes also where a letter of CJK follows.
    .replaceAll("(?=[\\s]|$)", `(?=[\\s${LETTERS}${MARKS}]|$)`);
  return new RegExp(source, pattern.flags);
}

/** The character before an opening delimiter counts as a boundary if it is of CJK. */
function boundary(pattern: RegExp): RegExp {
  return new RegExp(`${pattern.source}|^[${LETTERS}${MARKS}]`, pattern.flags);
}

const cache = new WeakMap<InlineRules, InlineRules>();

/** The rules for sentences, with emphasis that works beside CJK. */
export function withCjk(rules: InlineRules): InlineRules {
  const known = cache.get(rules);
  if (known) return known;
  const made = {
    ...rules,
    emStrongLDelim: adapted(rules.emStrongLDelim),
    emStrongRDelimAst: adapted(rules.emStrongRDelimAst),
    delLDelim: adapted(rules.delLDelim),
    delRDelim: adapted(rules.delRDelim),
    punctuation: boundary(rules.punctuation),
  };
  cache.set(rules, made);
  return made;
}

const MARK = new RegExp(`[${MARKS}]`);
const PARTICLE = /[A-Za-z0-9][\u3041-\u309f]|^[a-z]+:\/\/[^/]+\/[\u3041-\u309f]/i;

/** How much of a bare address belongs to it: not a CJK mark, nor the particle after it as in example.com/xをご覧. */
export function addressLength(address: string): number {
  const mark = address.search(MARK);
  const particle = PARTICLE.exec(address);
  const beforeParticle = particle ? particle.index + particle[0].length - 1 : address.length;
  return Math.min(mark < 0 ? address.length : mark, beforeParticle);
}
