// The notes of an answer, below it, in the order of their numbers.
import { useContext } from "preact/hooks";
import type { Block } from "./answer-blocks";
import { BlockList } from "./BlockList";
import { DocumentContext } from "./document";
import { goToMention } from "./note-places";
import { MarkdownContext } from "./settings";
import type { FootnoteToken } from "./tokens";

interface Note {
  token: FootnoteToken;
  linkCount: number;
}

/** The first definition of a label counts. */
function notesOf(blocks: readonly Block[]): Map<string, Note> {
  const notes = new Map<string, Note>();
  for (const { token, linkCount } of blocks) {
    if (token.type === "footnote" && !notes.has(token.label)) notes.set(token.label, { token, linkCount });
  }
  return notes;
}

export function Footnotes({ blocks }: { blocks: readonly Block[] }) {
  const document = useContext(DocumentContext);
  const { words } = useContext(MarkdownContext);
  const notes = notesOf(blocks);
  if (!document || notes.size === 0) return null;
  const { numberOf, isOpen } = document.notes;
  const labels = isOpen ? [...notes.keys()] : [...numberOf.keys()];
  return (
    <section class="md-notes" aria-label={words.footnotes}>
      <ol>
        {labels.map((label, index) => {
          const note = notes.get(label);
          const number = index + 1;
          return (
            <li key={label} data-note={number} tabIndex={-1} dir="auto">
              {note && <BlockList tokens={note.token.tokens} isOpen={false} linkCount={note.linkCount} />}
              {!isOpen && (
                <button
                  type="button"
                  class="md-note-back"
                  aria-label={words.backToText(String(number))}
                  onClick={(event) => goToMention(event.currentTarget, number)}
                >
                  ↩
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
