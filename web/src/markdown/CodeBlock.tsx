// A block of code with its language, a button that copies it, and colours once it is complete.
import { useContext, useState } from "preact/hooks";
import { CopyButton } from "./CopyButton";
import { useHighlighting } from "./highlighting";
import { OpenCode } from "./OpenCode";
import { MarkdownContext } from "./settings";

interface Props {
  text: string;
  /** What stands after the fence; its first word is the language. */
  info: string;
  isOpen: boolean;
}

const LONGEST_LANGUAGE = 30;

function languageOf(info: string): string {
  return (/^[^\s{,]*/.exec(info)?.[0] ?? "").slice(0, LONGEST_LANGUAGE);
}

export function CodeBlock({ text, info, isOpen }: Props) {
  const { words } = useContext(MarkdownContext);
  const [isWrapped, setIsWrapped] = useState(false);
  const language = languageOf(info);
  const coloured = useHighlighting(text, language, isOpen);
  return (
    <div class="md-code">
      <div class="md-code-head">
        <span class="md-code-language">{language}</span>
        <button
          type="button"
          class="md-code-button"
          aria-pressed={isWrapped}
          onClick={() => setIsWrapped(!isWrapped)}
        >
          {words.wrapLines}
        </button>
        <CopyButton class="md-code-button md-copy" text={text} />
      </div>
      <pre
        class={isWrapped ? "md-pre md-pre-wrapped" : "md-pre"}
        dir="ltr"
        role="group"
        aria-label={words.code(language)}
        tabIndex={0}
      >
        <code>{isOpen ? <OpenCode text={text} /> : (coloured ?? text)}</code>
      </pre>
    </div>
  );
}
