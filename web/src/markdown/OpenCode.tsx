// Code that still grows: in parts of some lines, so that only the last part is laid out again.
import { useRef } from "preact/hooks";

const LINES_PER_PART = 32;

interface Kept {
  parts: string[];
  /** Where the last part, which still grows, begins. */
  offset: number;
  text: string;
}

function endOfPart(text: string, from: number): number {
  let at = from;
  for (let line = 0; line < LINES_PER_PART; line += 1) {
    at = text.indexOf("\n", at) + 1;
    if (at === 0) return -1;
  }
  return at;
}

export function OpenCode({ text }: { text: string }) {
  const ref = useRef<Kept>({ parts: [], offset: 0, text: "" });
  if (!text.startsWith(ref.current.text)) ref.current = { parts: [], offset: 0, text: "" };
  const kept = ref.current;
  kept.text = text;
  for (let end = endOfPart(text, kept.offset); end > 0; end = endOfPart(text, kept.offset)) {
    kept.parts.push(text.slice(kept.offset, end));
    kept.offset = end;
  }
  return (
    <>
      {[...kept.parts, text.slice(kept.offset)].map((part, index) => (
        <span key={index} class="md-code-part">
          {part}
        </span>
      ))}
    </>
  );
}
