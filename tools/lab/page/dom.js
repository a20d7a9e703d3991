// Makes elements. Strings become text nodes; no string is parsed as HTML.

/** Whether an address may be a link: `http` and `https` only. */
export function isWeb(address) {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/**
 * An element with attributes and children; a string is a text node, `null` is left out.
 * `on` has the listeners and `style` the properties; neither becomes an attribute.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "style") {
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else if (/^on/i.test(name) || (name === "href" && !isWeb(value))) {
      throw new Error(`no attribute ${name} with ${value}`);
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element of index.html, by its id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Replaces the children of an element, and keeps the focus (by `data-key`) and the scroll
 * positions.
 */
export function replace(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.dataset.key;
  const top = parent.scrollTop;
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null));
  parent.scrollTop = top;
  if (key !== undefined) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const open = new Set();

/** A `details` element that stays open, by its key, when it is drawn again. */
export function fold(key, summary, ...children) {
  const element = el("details", { open: open.has(key) }, el("summary", { "data-key": key }, summary));
  // The content is made when it is opened, because there may be much.
  const fill = () => {
    if (element.open && element.childElementCount === 1) element.append(...children.map((make) => make()));
  };
  fill();
  element.addEventListener("toggle", () => {
    if (element.open) open.add(key);
    else open.delete(key);
    fill();
  });
  return element;
}

/** A round avatar: the first letter of the name, on a color made from the name. */
export function avatar(name, extra = "") {
  const letter = name === "Miyabi" ? "雅" : [...name][0]?.toUpperCase() ?? "?";
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  if (name === "Miyabi") hue = 228;
  return el("span", { class: `avatar ${extra}`, "aria-hidden": "true", style: { "--hue": String(hue) } }, letter);
}

/** Sends JSON to the lab. Throws the error sentence of its reply. */
export async function send(method, path, body) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const reply = await fetch(path, init);
  const value = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(value.error ?? `status ${reply.status}`);
  return value;
}
