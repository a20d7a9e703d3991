// What the page tells every answer in it: the words, the language, and whom to tell that something was copied.
import { createContext } from "preact";
import { ENGLISH, type MarkdownWords } from "./words";

export interface MarkdownSettings {
  words: MarkdownWords;
  /** For dates; a BCP 47 tag. Without one, that of the browser. */
  locale?: string;
  /** Is called with a sentence that a screen reader should say, such as "Copied". */
  announce: (sentence: string) => void;
}

/** Provide it once around the conversation. Without it: English, and nothing is announced. */
export const MarkdownContext = createContext<MarkdownSettings>({ words: ENGLISH, announce: () => undefined });
