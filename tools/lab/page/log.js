// Draws the messages of a channel or chat. Only what has changed is drawn again, so the scroll position stays.

import { byId } from "./dom.js";

const shown = new Map();

/** Draws entries `{key, print, make}`: one is made again when its print changes. */
export function drawLog(wanted) {
  const log = byId("log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const keys = new Set(wanted.map(({ key }) => key));
  for (const [key, old] of shown) {
    if (keys.has(key)) continue;
    old.element.remove();
    shown.delete(key);
  }
  let previous = null;
  for (const { key, print, make } of wanted) {
    let known = shown.get(key);
    if (known?.print !== print) {
      const element = make();
      known?.element.replaceWith(element);
      known = { print, element };
      shown.set(key, known);
    }
    const right = previous ? previous.nextSibling : log.firstChild;
    if (right !== known.element) log.insertBefore(known.element, right);
    previous = known.element;
  }
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}
