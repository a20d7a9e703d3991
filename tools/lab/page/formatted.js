// Draws a text of Telegram with its entities, whose offsets count UTF-16 units, as JavaScript's strings do.

import { el, isWeb } from "./dom.js";
import { relative, spoiler } from "./rendered.js";
import { asker } from "./store.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", blockquote: "blockquote", expandable_blockquote: "blockquote" };
/** They begin and end a line by themselves, so the line breaks around them are not drawn. */
const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];
const PILLS = ["mention", "text_mention", "bot_command", "hashtag", "cashtag"];

/** The elements of a text. Entities come sorted, outer ones first, and do not overlap. */
export function formatted(text, entities) {
  return el("div", { class: "said formatted" }, parts(text, 0, text.length, entities));
}

function parts(text, from, to, entities) {
  const made = [];
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = entity.offset + entity.length;
    const inner = [];
    index += 1;
    while (index < entities.length && entities[index].offset < end) inner.push(entities[index++]);
    const isBlock = BLOCKS.includes(entity.type);
    const before = text.slice(at, entity.offset);
    made.push(isBlock ? before.replace(/\n$/, "") : before, one(entity, text, inner));
    at = isBlock && text[end] === "\n" ? end + 1 : end;
  }
  made.push(text.slice(at, to));
  return made.filter((part) => part !== "");
}

function one(entity, text, inner) {
  const end = entity.offset + entity.length;
  const words = text.slice(entity.offset, end);
  const children = parts(text, entity.offset, end, inner);
  if (entity.type in TAGS) return el(TAGS[entity.type], {}, children);
  if (PILLS.includes(entity.type)) return el("span", { class: "pill" }, words);
  switch (entity.type) {
    case "code":
      return el("code", { class: "code" }, words);
    case "pre": {
      const label = entity.language ? `Code in ${entity.language}` : "Code";
      return el("pre", { class: "fence", tabindex: "0", "aria-label": label, "data-language": entity.language ?? null }, el("code", {}, words));
    }
    case "spoiler":
      return spoiler(children);
    case "date_time":
      return date(entity, words);
    case "text_link":
      return link(entity.url, children, entity.url);
    case "url":
      return link(words, children);
    default:
      return el("span", {}, children);
  }
}

/** A date in the reader's own words, by a format such as `wDT`; without one the words stay. */
function date({ unix_time: seconds, date_time_format: format }, words) {
  const at = new Date(seconds * 1000);
  if (!format || Number.isNaN(at.getTime())) return el("span", { class: "pill" }, words);
  const { locale } = asker();
  const options = {
    ...(format.includes("w") ? { weekday: "long" } : {}),
    ...(format.includes("d") ? { year: "2-digit", month: "2-digit", day: "2-digit" } : {}),
    ...(format.includes("D") ? { year: "numeric", month: "long", day: "numeric" } : {}),
    ...(/t/i.test(format) ? { hour: "2-digit", minute: "2-digit" } : {}),
    ...(format.includes("T") ? { second: "2-digit" } : {}),
  };
  const shown = format === "r" ? relative(at, locale) : new Intl.DateTimeFormat(locale, options).format(at);
  return el("time", { class: "pill", datetime: at.toISOString(), title: words }, shown);
}

function link(address, children, title = null) {
  if (!isWeb(address)) return el("span", {}, children);
  return el("a", { href: address, title, rel: "noopener noreferrer nofollow", target: "_blank" }, children);
}
