// Draws the tree of a message as elements, one kind of element for each kind of node.

import { el, isWeb } from "./dom.js";
import { markdown } from "./markdown.js";
import { asker, nameOf, store } from "./store.js";

/** The elements of a message's content. */
export function rendered(source) {
  return el("div", { class: "said" }, markdown(source).map(block));
}

function block(node) {
  switch (node.type) {
    case "heading":
      // Headings of a message are below the page's own headings.
      return el("p", { class: `heading h${node.level}`, role: "heading", "aria-level": String(node.level + 2) }, spans(node.children));
    case "subtext":
      return el("p", { class: "subtext" }, spans(node.children));
    case "quote":
      return el("blockquote", {}, node.children.map(block));
    case "fence":
      return fence(node);
    case "list": {
      const items = node.items.map((item) => el("li", {}, item.map(block)));
      return node.ordered ? el("ol", { start: String(node.start) }, items) : el("ul", {}, items);
    }
    default:
      return el("p", {}, spans(node.children));
  }
}

function fence({ language, value }) {
  const label = language ? `Code in ${language}` : "Code";
  return el("pre", { class: "fence", tabindex: "0", "aria-label": label, "data-language": language || null }, el("code", {}, value));
}

function spans(nodes) {
  return nodes.map(span);
}

function span(node) {
  switch (node.type) {
    case "strong":
      return el("strong", {}, spans(node.children));
    case "em":
      return el("em", {}, spans(node.children));
    case "underline":
      return el("u", {}, spans(node.children));
    case "strike":
      return el("s", {}, spans(node.children));
    case "spoiler":
      return spoiler(spans(node.children));
    case "code":
      return el("code", { class: "code" }, node.value);
    case "link":
      return link(node);
    case "time":
      return time(node);
    case "emoji":
      return el("span", { class: "emoji" }, `:${node.name}:`);
    case "command":
      return pill(`/${node.name}`);
    case "everyone":
      return pill(node.name);
    case "user":
    case "role":
    case "channel":
      return pill(named(node));
    default:
      return node.value;
  }
}

function pill(text) {
  return el("span", { class: "pill" }, text);
}

function named({ type, id }) {
  const world = store.get("world") ?? { users: {}, channels: {} };
  if (type === "role") return "@role";
  if (type === "channel") {
    const name = Object.keys(world.channels).find((known) => world.channels[known].id === id);
    return `#${name ?? "unknown"}`;
  }
  if (id === world.application_id) return "@Miyabi";
  const user = Object.values(world.users).find((known) => known.id === id);
  return `@${user ? nameOf(user) : "unknown-user"}`;
}

function link({ address, children, masked }) {
  if (!isWeb(address)) return el("span", {}, spans(children));
  const attributes = { href: address, rel: "noopener noreferrer nofollow", target: "_blank" };
  // The tooltip of a masked link shows its address.
  return el("a", masked ? { ...attributes, title: address } : attributes, spans(children));
}

/** A part that is hidden until somebody wants to see it. */
export function spoiler(children) {
  const inner = el("span", { class: "spoiler-text", inert: true }, children);
  const element = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: show it" }, inner);
  const reveal = () => {
    element.classList.add("shown");
    inner.removeAttribute("inert");
    for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
  };
  element.addEventListener("click", (event) => {
    // The first click only reveals the text, so that no hidden link is followed.
    if (element.classList.contains("shown")) return;
    event.preventDefault();
    reveal();
  });
  element.addEventListener("keydown", (event) => {
    if (element.classList.contains("shown") || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    reveal();
  });
  return element;
}

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

function time({ seconds, style }) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}:${style}>`;
  const { locale } = asker();
  const full = new Intl.DateTimeFormat(locale, FORMATS.F).format(date);
  const shown = style === "R" ? relative(date, locale) : new Intl.DateTimeFormat(locale, FORMATS[style]).format(date);
  return el("time", { class: "pill", datetime: date.toISOString(), title: full }, shown);
}

/** How long ago or until then, in words. */
export function relative(date, locale) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(Math.round(seconds), "second");
}
