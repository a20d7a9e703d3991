// The number of a note, which leads to it.
import { useContext } from "preact/hooks";
import { DocumentContext } from "./document";
import { goTo, noteId, refId } from "./footnote-ids";
import { MarkdownContext } from "./settings";

interface Props {
  label: string;
  raw: string;
  isInLink: boolean;
}

export function FootnoteRef({ label, raw, isInLink }: Props) {
  const document = useContext(DocumentContext);
  const { words } = useContext(MarkdownContext);
  if (document?.notes.isOpen)
    return (
      <sup key="label" class="md-note-ref">
        {label}
      </sup>
    );
  const number = document?.notes.numberOf.get(label);
  if (!document || !number || isInLink) return <>{raw}</>;
  const target = noteId(document.id, number);
  return (
    <sup key="number" class="md-note-ref" id={refId(document.id, number)}>
      <button
        type="button"
        class="md-note-link"
        aria-label={words.footnote(String(number))}
        onClick={() => goTo(target)}
      >
        {number}
      </button>
    </sup>
  );
}
