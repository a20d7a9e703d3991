// Colours for code, which are loaded when the first complete block needs them.
import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import type { RootContent } from "hast";
import { isHighlighted } from "./languages";
import { type Loader, useDrawn } from "./on-demand";

/** Longer code stays plain: colouring it would stop the page for too long. */
const LONGEST_CODE = 50_000;
const LONGEST_LINE = 1_000;
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

function loader(language: string): Loader<Coloured> {
  return async () => {
    const { highlight } = await import("./highlighter");
    return (text) => views(highlight(language, text));
  };
}

/** The coloured text, or nothing while it is open, unknown, too long or not loaded yet. */
export function useHighlighting(text: string, language: string, isOpen: boolean): Coloured | undefined {
  const load = useMemo(() => loader(language), [language]);
  const isWanted = !isOpen && isHighlighted(language) && text.length <= LONGEST_CODE && !hasLongLine(text);
  return useDrawn(text, isWanted, load);
}
