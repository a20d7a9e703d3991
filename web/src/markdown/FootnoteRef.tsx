// The number of a note, which leads to it.
import { useContext } from "preact/hooks";
import { DocumentContext } from "./document";
import { goToNote } from "./note-places";
import { MarkdownContext } from "./settings";

interface Props {
  label: string;
  raw: string;
  isInLink: boolean;
}

export function FootnoteRef({ label, raw, isInLink }: Props) {
  const document = useContext(DocumentContext);
  const { words } = useContext(MarkdownContext);
  if (document?.notes.isOpen) return <sup class="md-note-ref">{label}</sup>;
  const number = document?.notes.numberOf.get(label);
  if (!document || !number || isInLink) return <>{raw}</>;
  return (
    <sup class="md-note-ref">
      <button
        type="button"
        class="md-note-link"
        data-note={number}
        aria-label={words.footnote(String(number))}
        onClick={(event) => goToNote(event.currentTarget, number)}
      >
        {number}
      </button>
    </sup>
  );
}
