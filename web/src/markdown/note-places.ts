// The ways between a note and its mentions. A click moves there without touching the address bar.

function goTo(target: HTMLElement | null | undefined): void {
  target?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
}

function within(from: HTMLElement, selector: string): HTMLElement | null | undefined {
  return from.closest(".md")?.querySelector<HTMLElement>(selector);
}

/** Moves from a mention to the note in the same answer. Nothing happens if it is gone. */
export function goToNote(from: HTMLElement, number: number): void {
  goTo(within(from, `.md-notes li[data-note="${String(number)}"]`));
}

/** Moves from a note to its first mention in the same answer. */
export function goToMention(from: HTMLElement, number: number): void {
  goTo(within(from, `.md-note-link[data-note="${String(number)}"]`));
}
