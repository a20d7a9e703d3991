// Parses the blocks of Discord's markdown to a tree of plain objects.

import { inline } from "./inline.js";

/** Deepest quotes and lists; deeper ones stay text. */
const DEPTH = 8;

const FENCE = /^```(?:([a-z0-9_+\-.#]{1,30})\n)?\n*/i;
const HEADING = /^(#{1,3})[ \t]+(\S.*)$/;
const SUBTEXT = /^-#[ \t]+(\S.*)$/;
const ITEM = /^( *)([-*]|\d{1,10}\.)[ \t]+(.*)$/;

/** The blocks of a message. */
export function markdown(source, depth = 0) {
  const blocks = [];
  let paragraph = "";
  let at = 0;
  const flush = () => {
    const trimmed = paragraph.replace(/^\n|\n$/g, "");
    if (trimmed) blocks.push({ type: "paragraph", children: inline(trimmed) });
    paragraph = "";
  };
  while (at < source.length) {
    const line = lineAt(source, at);
    const isStart = at === 0 || source[at - 1] === "\n";
    const found = isStart && depth < DEPTH ? block(source, at, line, depth) : null;
    if (found) {
      flush();
      blocks.push(found.node);
      at = found.end;
      continue;
    }
    const ticks = line.indexOf("```");
    const fenced = ticks < 0 ? null : fence(source, at + ticks);
    if (fenced) {
      paragraph += line.slice(0, ticks);
      flush();
      blocks.push(fenced.node);
      at = fenced.end;
    } else {
      paragraph += line + (at + line.length < source.length ? "\n" : "");
      at += line.length + 1;
    }
  }
  flush();
  return blocks;
}

function lineAt(source, at) {
  const end = source.indexOf("\n", at);
  return source.slice(at, end < 0 ? source.length : end);
}

/** A code block that begins with the backticks here; `null` if it does not end. */
function fence(source, at) {
  const head = FENCE.exec(source.slice(at));
  const begin = at + (head?.[0].length ?? 3);
  const close = source.indexOf("```", begin);
  if (!head || close < 0 || close === begin) return null;
  const value = source.slice(begin, close).replace(/\n+$/, "");
  let end = close + 3;
  if (source[end] === "\n") end += 1;
  return { node: { type: "fence", language: head[1] ?? "", value }, end };
}

/** A block that begins with this line. */
function block(source, at, line, depth) {
  const next = at + line.length + 1;
  const heading = HEADING.exec(line);
  if (heading) {
    return { node: { type: "heading", level: heading[1].length, children: inline(heading[2]) }, end: next };
  }
  const subtext = SUBTEXT.exec(line);
  if (subtext) return { node: { type: "subtext", children: inline(subtext[1]) }, end: next };
  if (line.startsWith(">>> ")) {
    return { node: { type: "quote", children: markdown(source.slice(at + 4), depth + 1) }, end: source.length };
  }
  if (line.startsWith("> ")) return quote(source, at, depth);
  if (ITEM.test(line)) return list(source, at, depth);
  return null;
}

function quote(source, at, depth) {
  const lines = [];
  let end = at;
  for (let line = lineAt(source, end); end < source.length && line.startsWith("> "); line = lineAt(source, end)) {
    lines.push(line.slice(2));
    end += line.length + 1;
  }
  return { node: { type: "quote", children: markdown(lines.join("\n"), depth + 1) }, end };
}

/** Items of one list. Lines that are indented deeper belong to the item before them. */
function list(source, at, depth) {
  const [, indent, mark] = ITEM.exec(lineAt(source, at));
  const ordered = mark.endsWith(".");
  const items = [];
  let end = at;
  while (end < source.length) {
    const line = lineAt(source, end);
    const item = ITEM.exec(line);
    const inner = line.length - line.trimStart().length;
    if (item && inner <= indent.length + 1) {
      if (item[2].endsWith(".") !== ordered || inner < indent.length) break;
      items.push([item[3]]);
    } else if (line.trim() && inner > indent.length + 1) {
      items.at(-1).push(line.slice(Math.min(inner, indent.length + (ordered ? 3 : 2))));
    } else {
      break;
    }
    end += line.length + 1;
  }
  const children = items.map((lines) => markdown(lines.join("\n"), depth + 1));
  return { node: { type: "list", ordered, start: ordered ? Number.parseInt(mark, 10) : 1, items: children }, end };
}
