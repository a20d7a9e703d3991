// A button that copies a text, and says whether it could: of code by its words, of a message by a picture.
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { copyText } from "./clipboard";
import { MarkdownContext } from "./settings";

type Outcome = "none" | "copied" | "failed";

/** How long the outcome is shown. */
const SHOWN_MS = 2000;

export function CopyButton(props: {
  text: string | (() => string);
  class: string;
  /** What is drawn in place of the words, which are its name then. */
  icon?: (isCopied: boolean) => ComponentChildren;
  onFailed?: () => void;
}) {
  const { words, announce } = useContext(MarkdownContext);
  const [outcome, setOutcome] = useState<Outcome>("none");
  useEffect(() => {
    if (outcome === "none") return undefined;
    const timer = setTimeout(() => setOutcome("none"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const label = { none: words.copy, copied: words.copied, failed: words.copyFailed }[outcome];
  const copy = async () => {
    const { text } = props;
    const isCopied = await copyText(typeof text === "string" ? text : text());
    setOutcome(isCopied ? "copied" : "failed");
    announce(isCopied ? words.copied : words.copyFailed);
    if (!isCopied) props.onFailed?.();
  };
  return (
    <button
      type="button"
      class={`${props.class} md-copy-${outcome}`}
      {...(props.icon ? { "aria-label": label, title: label } : {})}
      onClick={() => void copy()}
    >
      {props.icon ? props.icon(outcome === "copied") : label}
    </button>
  );
}
