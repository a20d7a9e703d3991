// What the parts of one answer share.
import { createContext } from "preact";
import type { AnswerBlocks } from "./answer-blocks";
import type { NoteNumbers } from "./footnote-numbers";

/** A new object when the numbers of notes change, so that they are shown anew. */
export interface AnswerDocument {
  answer: AnswerBlocks;
  notes: NoteNumbers;
}

export const DocumentContext = createContext<AnswerDocument | undefined>(undefined);
