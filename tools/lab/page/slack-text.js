// Draws a text of Slack, in which `<…>` are mentions and links and `&`, `<`, `>` are escaped.

import { el, isWeb } from "./dom.js";
import { store } from "./store.js";

/** Marks around words, the inner ones last: code first, since nothing counts in it. */
const MARKS = [
  [/```\n?([\s\S]+?)```/, (inner) => el("pre", { class: "fence", tabindex: "0", "aria-label": "Code" }, el("code", {}, unescaped(inner)))],
  [/`([^`\n]+)`/, (inner) => el("code", { class: "code" }, unescaped(inner))],
  [/<([^<>\s][^<>]*)>/, (inner) => token(inner)],
  [/(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/, (inner) => el("strong", {}, spans(inner))],
  [/(?<!\w)_([^\s_](?:[^_\n]*[^\s_])?)_(?!\w)/, (inner) => el("em", {}, spans(inner))],
  [/(?<![\w~])~([^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/, (inner) => el("s", {}, spans(inner))],
];

/** The elements of a text. */
export function mrkdwn(text) {
  return el("div", { class: "said formatted" }, spans(text));
}

function spans(text) {
  let first = null;
  for (const [mark, make] of MARKS) {
    const found = mark.exec(text);
    if (found && (first === null || found.index < first.found.index)) first = { found, make };
  }
  if (first === null) return [unescaped(text)];
  const { found, make } = first;
  return [unescaped(text.slice(0, found.index)), make(found[1]), ...spans(text.slice(found.index + found[0].length))];
}

function token(inner) {
  const [what, label] = inner.split("|");
  if (what.startsWith("@")) return pill(`@${personOf(what.slice(1))}`);
  if (what.startsWith("#")) return pill(`#${channelOf(what.slice(1))}`);
  if (what.startsWith("!")) return pill(`@${what.slice(1)}`);
  const address = unescaped(what);
  if (!isWeb(address)) return unescaped(label ?? what);
  return el("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank", title: address }, unescaped(label ?? what));
}

function pill(text) {
  return el("span", { class: "pill" }, text);
}

function personOf(id) {
  const slack = store.get("world")?.slack;
  if (id === slack?.bot.id) return "Miyabi";
  return Object.values(slack?.users ?? {}).find((user) => user.id === id)?.real_name ?? "somebody";
}

function channelOf(id) {
  const all = Object.values(store.get("world")?.slack.channels ?? {});
  return all.find((channel) => channel.id === id)?.name ?? "channel";
}

/** A text without its escapes. */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
