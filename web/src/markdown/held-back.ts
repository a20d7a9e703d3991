// The last line of an open text is not shown while it may still become something else: "-" under a sentence would
// make a heading of it, and the first line of a table is a row of bars until the second is there.

/** A longer line is shown at once. */
const LONGEST_LINE = 2000;
/** Marks that begin a list, a rule, a heading, a quote or a number, and nothing after them. */
const MARKS = /^[ \t>]*(?:[-+*_=#~`|]+|\d{1,9}[.)]?|[-+*] \[[ xX]?\]?)?[ \t]*$/;
const FENCE = /^[ \t>]*(?:`{3,}|~{3,})[^`]*$/;
const ROW = /^[ \t]*\|(?!\|)/;
const DELIMITER_ROW = /^[ \t|:-]*$/;

function lineBefore(text: string, end: number): { start: number; line: string } {
  const start = text.lastIndexOf("\n", end - 2) + 1;
  return { start, line: text.slice(start, Math.max(start, end - 1)) };
}

/** Whether a table begins with the line that ends before `end`. */
function headerStart(text: string, end: number): number {
  const header = lineBefore(text, end);
  if (end === 0 || !ROW.test(header.line) || DELIMITER_ROW.test(header.line)) return end;
  const isFirst = header.start === 0 || !ROW.test(lineBefore(text, header.start).line);
  return isFirst ? header.start : end;
}

/** How much of an open text can be shown. */
export function shownLength(text: string): number {
  const start = text.lastIndexOf("\n") + 1;
  const line = text.slice(start);
  if (line.length > LONGEST_LINE) return text.length;
  if (line !== "" && !MARKS.test(line) && !FENCE.test(line) && !ROW.test(line)) return text.length;
  return DELIMITER_ROW.test(line) ? headerStart(text, start) : start;
}
