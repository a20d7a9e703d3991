// Where the notes of an answer are in the page. A click moves there without touching the address bar.

export function noteId(documentId: string, number: number): string {
  return `${documentId}-note-${String(number)}`;
}

export function refId(documentId: string, number: number): string {
  return `${documentId}-ref-${String(number)}`;
}

/** Scrolls to an element and moves the focus there. Nothing happens if it is gone. */
export function goTo(id: string): void {
  const target = document.getElementById(id);
  if (!target) return;
  target.scrollIntoView({ block: "nearest" });
  const focusable = target.querySelector("button") ?? target;
  focusable.focus({ preventScroll: true });
}
