// Where a formula begins and ends in a text; no rendering.

/** What stands between the delimiters of a formula, and where it ends. */
export interface MathSpan {
  end: number;
  source: string;
  isDisplay: boolean;
}

/** Longer than any formula in a sentence; it bounds the search for an end that never comes. */
const LONGEST_INLINE = 2000;
/** The same for a formula that stands alone. */
const LONGEST_BLOCK = 10_000;

const BLANK_LINE = /\n[ \t]*\n/;

function delimited(text: string, at: number, close: string, isDisplay: boolean): MathSpan | undefined {
  const window = text.slice(at + 2, at + 2 + LONGEST_INLINE);
  const length = window.indexOf(close);
  const source = window.slice(0, Math.max(length, 0));
  if (source.trim() === "" || source.includes("`")) return undefined;
  return { end: at + 2 + length + close.length, source, isDisplay };
}

function nextDollar(text: string, from: number): number {
  for (let at = text.indexOf("$", from); at >= 0; at = text.indexOf("$", at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** "5 for tea and 6": money, whose second sign stands behind a number as well. */
const MONEY = /^\d[^\\^_={}<>]*\s\p{L}{2,}/u;

/** Pandoc's rule: no space inside of either dollar, no dollar in between, and no digit after the closing one. */
function dollars(text: string, at: number): MathSpan | undefined {
  if (!/^[^\s$]/.test(text.charAt(at + 1))) return undefined;
  const close = nextDollar(text, at + 2);
  if (close < 0 || close - at > LONGEST_INLINE) return undefined;
  if (/\s/.test(text.charAt(close - 1)) || /\d/.test(text.charAt(close + 1))) return undefined;
  const source = text.slice(at + 1, close);
  if (source.includes("`") || MONEY.test(source)) return undefined;
  return { end: close + 1, source, isDisplay: false };
}

/** The formula that begins exactly at `at`, if one does. A code span inside of it wins over it. */
export function mathAt(text: string, at: number): MathSpan | undefined {
  const pair = text.slice(at, at + 2);
  if (pair === "\\(") return delimited(text, at, "\\)", false);
  if (pair === "\\[") return delimited(text, at, "\\]", true);
  if (pair === "$$") return delimited(text, at, "$$", true);
  return pair.startsWith("$") ? dollars(text, at) : undefined;
}

/** The formula that fills the lines at the beginning of `text`, or, if `isOpen`, one that may still be written. */
export function blockMath(text: string, isOpen: boolean): (MathSpan & { isClosed: boolean }) | undefined {
  const opener = /^ {0,3}(\$\$|\\\[)/.exec(text);
  if (!opener) return undefined;
  const start = opener[0].length;
  const close = opener[1] === "$$" ? "$$" : "\\]";
  const window = text.slice(start, start + LONGEST_BLOCK);
  const length = window.indexOf(close);
  const source = length < 0 ? window : window.slice(0, length);
  if (source.trim() === "" || BLANK_LINE.test(source)) return undefined;
  if (length < 0) {
    const isWhole = isOpen && start + window.length === text.length && source.includes("\n");
    return isWhole ? { end: text.length, source, isDisplay: true, isClosed: false } : undefined;
  }
  const after = /^[ \t]*(?:\n|$)/.exec(text.slice(start + length + 2, start + length + 200));
  if (!after) return undefined;
  return { end: start + length + 2 + after[0].length, source, isDisplay: true, isClosed: true };
}

/** Where the code span ends that begins at `at`; right after its backticks if none does. */
export function codeSpanEnd(text: string, at: number): number {
  let ticks = at;
  while (text[ticks] === "`") ticks += 1;
  const run = text.slice(at, ticks);
  for (let found = text.indexOf(run, ticks); found >= 0; found = text.indexOf(run, found)) {
    let end = found;
    while (text[end] === "`") end += 1;
    if (end - found === run.length) return end;
    found = end;
  }
  return ticks;
}

/**
 * Hides formulas from the search for emphasis: `$a*b$ and $c*d$` has none.
 * `masked` has the same length as `text`, and so has the result.
 */
export function maskMath(text: string, masked: string): string {
  let result = "";
  let copied = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === "`") i = codeSpanEnd(text, i) - 1;
    else if (char === "$" || char === "\\") {
      const span = mathAt(text, i);
      if (span) {
        result += `${masked.slice(copied, i)}[${"a".repeat(span.end - i - 2)}]`;
        copied = span.end;
        i = span.end - 1;
      } else if (char === "\\") i += 1;
    }
  }
  return result + masked.slice(copied);
}
