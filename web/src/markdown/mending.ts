// The end of a sentence that is still written: what has begun in its last line is taken as if it were complete, so
// that nothing flickers when its end comes.

import { codeSpanEnd } from "./math-spans";

/** What closes itself, the longer ones first. */
const PAIRS = ["**", "__", "~~", "*"] as const;
const UNFINISHED_LINK = /(!?)\[((?:[^[\]\\]|\\.)*)\]\((?:[^()\s\\]|\\.)*(?:\s+"[^"]*)?$/;
/** Marks that would begin something after a space or an opening bracket. */
const DANGLING = /(^|[\s(「（])(?:\*{1,3}|_{1,2}|~{1,2}|!?\[|!)$/;

interface CodeSpans {
  /** The line with letters for its code spans, so that nothing in them counts. */
  masked: string;
  /** The backticks of a span that has begun and not ended. */
  begun: { at: number; ticks: string } | undefined;
}

function codeSpans(line: string): CodeSpans {
  let masked = "";
  let from = 0;
  for (const run of line.matchAll(/`+/g)) {
    if (run.index < from) continue;
    const [ticks] = run;
    const end = codeSpanEnd(line, run.index);
    if (end === run.index + ticks.length) return { masked: line, begun: { at: run.index, ticks } };
    masked += line.slice(from, run.index) + "x".repeat(end - run.index);
    from = end;
  }
  return { masked: masked + line.slice(from), begun: undefined };
}

/** Whether emphasis can begin at `at`: a word follows, and none stands before. */
function canOpen(line: string, at: number, mark: string): boolean {
  const after = line.charAt(at + mark.length);
  return after !== "" && !/[\s*_~]/.test(after) && !/[A-Za-z0-9\\]/.test(line.charAt(at - 1));
}

/** The delimiters that have begun and not ended, in the order in which they must end. */
function openMarks(line: string): string[] {
  const open: string[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const mark = PAIRS.find((pair) => line.startsWith(pair, at));
    if (!mark) continue;
    if (open.at(-1) === mark && !/\s/.test(line.charAt(at - 1))) open.pop();
    else if (!open.includes(mark) && canOpen(line, at, mark)) open.push(mark);
    at += mark.length - 1;
  }
  return open.reverse();
}

/** A line in which a code span has begun, with its end; without the marks if nothing follows them yet. */
function withCodeEnd(line: string, at: number, ticks: string): string {
  const begun = line.slice(at + ticks.length).replace(/`+$/, "");
  return begun.trim() === "" ? line.slice(0, at) : line.slice(0, at) + ticks + begun + ticks;
}

/** A link without its address, which is not complete, is its words; a picture is nothing yet. */
function withoutUnfinishedLink(line: string): string {
  const link = UNFINISHED_LINK.exec(codeSpans(line).masked);
  if (!link) return line;
  const [, isPicture = "", words = ""] = link;
  const begin = link.index + isPicture.length + 1;
  return line.slice(0, link.index) + (isPicture ? "" : line.slice(begin, begin + words.length));
}

function mendedLine(line: string): string {
  const { begun } = codeSpans(line);
  if (begun) return withCodeEnd(line, begun.at, begun.ticks);
  const text = withoutUnfinishedLink(line).replace(DANGLING, "$1");
  const marks = openMarks(codeSpans(text).masked);
  // The first half of a closing delimiter.
  const [mark = ""] = marks;
  const half = mark.length === 2 && text.endsWith(mark.charAt(0)) && !text.endsWith(mark) ? 1 : 0;
  return text.slice(0, text.length - half).trimEnd() + marks.join("");
}

/** `text` with an end for what has begun in its last line. */
export function mended(text: string): string {
  const lineStart = text.lastIndexOf("\n") + 1;
  const line = text.slice(lineStart);
  return /[*_~`[!]/.test(line) ? text.slice(0, lineStart) + mendedLine(line) : text;
}
