// Colours for code, which are loaded when the first complete block needs them.
import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RootContent } from "hast";
import { isHighlighted } from "./languages";

/** Longer code stays plain: colouring it would stop the page for too long. */
const LONGEST_CODE = 50_000;
const LONGEST_LINE = 2_000;
const CLASS = /^hl-[a-z_-]{1,40}$/;

type Coloured = ComponentChild[];

function views(nodes: readonly RootContent[]): Coloured {
  return nodes.map((node) => {
    if (node.type === "text") return node.value;
    if (node.type !== "element") return null;
    const names = Array.isArray(node.properties.className) ? node.properties.className : [];
    const allowed = names.map(String).filter((name) => CLASS.test(name));
    const children = views(node.children);
    return allowed.length === 0 ? <>{children}</> : <span class={allowed.join(" ")}>{children}</span>;
  });
}

function hasLongLine(text: string): boolean {
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    if (end - at > LONGEST_LINE) return true;
    at = end + 1;
  }
  return false;
}

/** The coloured text, or nothing while it is open, unknown, too long or not loaded yet. */
export function useHighlighting(text: string, language: string, isOpen: boolean): Coloured | undefined {
  const [coloured, setColoured] = useState<{ text: string; children: Coloured }>();
  const isWanted = !isOpen && isHighlighted(language) && text.length <= LONGEST_CODE && !hasLongLine(text);
  useEffect(() => {
    if (!isWanted) return undefined;
    let isGone = false;
    const colour = async () => {
      const { highlight } = await import("./highlighter");
      if (!isGone) setColoured({ text, children: views(highlight(language, text)) });
    };
    // Without colours the code is still there, so a chunk that does not load is no error.
    colour().catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [isWanted, text, language]);
  return isWanted && coloured?.text === text ? coloured.children : undefined;
}
