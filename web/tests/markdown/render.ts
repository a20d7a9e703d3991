// Puts an answer into a document, and waits for what is loaded on demand.
import { h, render, type ComponentChild } from "preact";
import { act } from "preact/test-utils";
import { Markdown, MarkdownContext, MARKDOWN_ENGLISH, type MarkdownSettings } from "../../src/markdown";

/** An answer in the page. */
export interface Shown {
  root: HTMLElement;
  /** Renders again with another text. */
  show(text: string, isOpen?: boolean): void;
  remove(): void;
}

export function settings(announced: string[] = []): MarkdownSettings {
  return { words: MARKDOWN_ENGLISH, locale: "en", announce: (sentence) => announced.push(sentence) };
}

/** Renders `text`; effects have run afterwards, but what they load may still be missing. */
export function show(text: string, isOpen = false, context: MarkdownSettings = settings()): Shown {
  const root = document.createElement("div");
  document.body.append(root);
  const again = (next: string, nextIsOpen = false) => {
    const answer: ComponentChild = h(Markdown, { text: next, isOpen: nextIsOpen });
    void act(() => render(h(MarkdownContext.Provider, { value: context, children: answer }), root));
  };
  again(text, isOpen);
  return {
    root,
    show: again,
    remove: () => {
      render(null, root);
      root.remove();
    },
  };
}

function serialized(node: Node): string {
  if (!(node instanceof Element))
    return node.nodeType === Node.COMMENT_NODE ? "" : JSON.stringify(node.textContent);
  const attributes = [...node.attributes]
    .filter(({ name }) => name !== "id")
    .map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`)
    .sort();
  return `<${node.localName}${attributes.join("")}>${[...node.childNodes].map(serialized).join("")}</${node.localName}>`;
}

/** The elements and texts of an answer, without the ids that differ from answer to answer. */
export function markup(shown: Shown): string {
  shown.root.normalize();
  return serialized(shown.root);
}

/** The markup of a text that is shown at once. */
export function markupOf(text: string, isOpen = false): string {
  const shown = show(text, isOpen);
  const result = markup(shown);
  shown.remove();
  return result;
}

/** Waits until what was asked for on demand has been loaded and drawn. */
export async function loaded(): Promise<void> {
  await act(async () => {
    await import("../../src/markdown/highlighter");
    await import("../../src/markdown/formula-drawer");
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
}
