// A button that copies a text, and says whether it could.
import { useContext, useEffect, useState } from "preact/hooks";
import { copyText } from "./clipboard";
import { MarkdownContext } from "./settings";

type Outcome = "none" | "copied" | "failed";

/** How long the outcome is shown. */
const SHOWN_MS = 2000;

export function CopyButton({ text }: { text: string }) {
  const { words, announce } = useContext(MarkdownContext);
  const [outcome, setOutcome] = useState<Outcome>("none");
  useEffect(() => {
    if (outcome === "none") return undefined;
    const timer = setTimeout(() => setOutcome("none"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const labels = { none: words.copy, copied: words.copied, failed: words.copyFailed };
  const copy = async () => {
    const isCopied = await copyText(text);
    setOutcome(isCopied ? "copied" : "failed");
    announce(isCopied ? words.copied : words.copyFailed);
  };
  return (
    <button type="button" class={`md-code-button md-copy md-copy-${outcome}`} onClick={() => void copy()}>
      {labels[outcome]}
    </button>
  );
}
