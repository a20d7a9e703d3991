// An answer in markdown, while it is written and afterwards. Elements are made one by one; there is no HTML string.
import { useRef } from "preact/hooks";
import { AnswerBlocks, type Block } from "./answer-blocks";
import { BlockView } from "./BlockView";
import { DocumentContext, type AnswerDocument } from "./document";
import { Footnotes } from "./Footnotes";
import { numberNotes } from "./footnote-numbers";
import { useRest } from "./pace";

export interface MarkdownProps {
  text: string;
  /** Whether more of the text may come. */
  isOpen: boolean;
}

interface Kept {
  document: AnswerDocument;
  blocks: readonly Block[];
}

function nothing(): Kept {
  return { document: { answer: new AnswerBlocks(), notes: numberNotes([], true) }, blocks: [] };
}

/** What a model wrote, as elements of an allow-list. Pass the whole text each time; only its end is read again. */
export function Markdown({ text, isOpen }: MarkdownProps) {
  const ref = useRef<Kept | null>(null);
  const kept = (ref.current ??= nothing());
  if (!useRest(isOpen)) {
    kept.blocks = kept.document.answer.update(text, isOpen);
    const notes = numberNotes(kept.blocks, isOpen);
    if (notes.key !== kept.document.notes.key) kept.document = { ...kept.document, notes };
  }
  return (
    <DocumentContext.Provider value={kept.document}>
      <div class="md">
        {kept.blocks.map((block) => (
          <BlockView key={block.id} block={block} />
        ))}
        <Footnotes blocks={kept.blocks} />
      </div>
    </DocumentContext.Provider>
  );
}
