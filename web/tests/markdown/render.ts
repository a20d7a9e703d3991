// Puts an answer into a document, and waits for what is loaded on demand.
import { h, render, type ComponentChild } from "preact";
import { act } from "preact/test-utils";
import { vi } from "vitest";
import { Markdown, MarkdownContext, MARKDOWN_ENGLISH, type MarkdownSettings } from "../../src/markdown";

// Where the clock stands still nothing is dear, so no answer rests between two drawings.
vi.spyOn(performance, "now").mockReturnValue(0);

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
    .map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`)
    .sort();
  return `<${node.localName}${attributes.join("")}>${[...node.childNodes].map(serialized).join("")}</${node.localName}>`;
}

/** The elements and texts of an answer, with attributes in order. */
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

/** The HTML inside of a complete answer's own element, as the browser writes it. */
export function inner(text: string): string {
  const shown = show(text);
  const html = shown.root.firstElementChild?.innerHTML ?? "";
  shown.remove();
  return html;
}

/** Waits until what was asked for on demand has been loaded and drawn. */
export async function loaded(): Promise<void> {
  await act(async () => {
    await import("../../src/markdown/highlighter");
    await import("../../src/markdown/formula-drawer");
    // One turn until the chunk is handed over, and one in which the idle work is done.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  });
}
