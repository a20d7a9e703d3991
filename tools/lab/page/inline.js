// Parses Discord's markdown within a line to a tree of plain objects. It uses no regular expression
// that could take long on a hostile text.

/** Deepest nesting; deeper marks stay text. */
const DEPTH = 16;

const STYLES = [
  ["||", "spoiler"],
  ["**", "strong"],
  ["__", "underline"],
  ["~~", "strike"],
  ["*", "em"],
  ["_", "em"],
];

const MENTIONS = [
  [/<@!?(\d{1,20})>/y, (id) => ({ type: "user", id })],
  [/<@&(\d{1,20})>/y, (id) => ({ type: "role", id })],
  [/<#(\d{1,20})>/y, (id) => ({ type: "channel", id })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (seconds, style) => ({ type: "time", seconds: Number(seconds), style: style ?? "f" })],
  [/<a?:(\w{2,32}):\d{1,20}>/y, (name) => ({ type: "emoji", name })],
  [/<\/([^\s:<>][^:<>]{0,99}):\d{1,20}>/y, (name) => ({ type: "command", name })],
  [/<(https?:\/\/[^\s<>]{1,2000})>/y, (address) => ({ type: "link", address, children: [text(address)] })],
];

const ADDRESS = /https?:\/\/[^\s<]{1,2000}/y;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}_]/u;

function text(value) {
  return { type: "text", value };
}

/** The tree of a line. */
export function inline(source, depth = 0, inLink = false) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const push = (node) => {
    if (plain) nodes.push(text(plain));
    plain = "";
    nodes.push(node);
  };
  while (at < source.length) {
    const found = depth < DEPTH ? take(source, at, depth, inLink) : null;
    if (found) {
      if (found.node.type === "text") plain += found.node.value;
      else push(found.node);
      at = found.end;
    } else {
      plain += source[at];
      at += 1;
    }
  }
  if (plain) nodes.push(text(plain));
  return nodes;
}

/** The node that begins here, and where it ends; `null` if it is plain text. */
function take(source, at, depth, inLink) {
  const letter = source[at];
  if (letter === "\\" && PUNCTUATION.test(source[at + 1] ?? "")) {
    return { node: text(source[at + 1]), end: at + 2 };
  }
  if (letter === "`") return code(source, at);
  if (letter === "<") return mention(source, at, inLink);
  if (letter === "@") return everyone(source, at);
  if (letter === "[" && !inLink) return masked(source, at, depth);
  if (letter === "h" && !inLink && !WORD.test(source[at - 1] ?? "")) return address(source, at);
  for (const [mark, type] of STYLES) {
    if (!source.startsWith(mark, at) || !opens(source, at, mark)) continue;
    const close = closing(source, at + mark.length, mark);
    if (close < 0) continue;
    const children = inline(source.slice(at + mark.length, close), depth + 1, inLink);
    return { node: { type, children }, end: close + mark.length };
  }
  return null;
}

function code(source, at) {
  const ticks = run(source, at);
  const close = closeCode(source, at + ticks, ticks);
  if (close < 0) return { node: text("`".repeat(ticks)), end: at + ticks };
  let value = source.slice(at + ticks, close);
  if (ticks > 1) value = value.trim();
  return { node: { type: "code", value }, end: close + ticks };
}

function run(source, at) {
  let end = at;
  while (source[end] === "`") end += 1;
  return end - at;
}

/** Position of the next run of exactly as many backticks. */
function closeCode(source, from, ticks) {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] !== "`") continue;
    const length = run(source, at);
    if (length === ticks && at > from) return at;
    at += length - 1;
  }
  return -1;
}

function mention(source, at, inLink) {
  for (const [pattern, make] of MENTIONS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match) continue;
    const node = make(match[1], match[2]);
    if (inLink && node.type === "link") return null;
    return { node, end: at + match[0].length };
  }
  return null;
}

function everyone(source, at) {
  const name = ["@everyone", "@here"].find((known) => source.startsWith(known, at));
  return name ? { node: { type: "everyone", name }, end: at + name.length } : null;
}

/** A bare address, without punctuation at its end. */
function address(source, at) {
  ADDRESS.lastIndex = at;
  const match = ADDRESS.exec(source);
  if (!match) return null;
  let found = match[0].replace(/[.,:;!?"'*_~|\]]+$/, "");
  while (found.endsWith(")") && count(found, ")") > count(found, "(")) found = found.slice(0, -1);
  return { node: { type: "link", address: found, children: [text(found)] }, end: at + found.length };
}

function count(source, letter) {
  return source.split(letter).length - 1;
}

/** `[label](address "title")`; with an address that is not `http` or `https` it stays text. */
function masked(source, at, depth) {
  const label = balanced(source, at, "[", "]");
  if (label < 0 || source[label + 1] !== "(") return null;
  const end = balanced(source, label + 1, "(", ")");
  if (end < 0) return null;
  const inside = source.slice(label + 2, end).trim().replace(/\s+"[^"]*"$/, "").replace(/^<|>$/g, "");
  if (!/^https?:\/\/\S+$/i.test(inside)) return null;
  const children = inline(source.slice(at + 1, label), depth + 1, true);
  return { node: { type: "link", address: inside, children, masked: true }, end: end + 1 };
}

function balanced(source, at, opening, closing) {
  let depth = 0;
  for (let end = at; end < source.length; end += 1) {
    if (source[end] === "\\") end += 1;
    else if (source[end] === opening) depth += 1;
    else if (source[end] === closing && (depth -= 1) === 0) return end;
  }
  return -1;
}

function opens(source, at, mark) {
  const next = source[at + mark.length] ?? "";
  if (mark === "*") return next !== "" && !/\s/.test(next);
  if (mark === "_") return next !== "" && !WORD.test(source[at - 1] ?? "");
  return next !== "";
}

/** Where the mark that began before `from` is closed; -1 if it is not. */
function closing(source, from, mark) {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "\\") {
      at += 1;
    } else if (source[at] === "`") {
      const ticks = run(source, at);
      const close = closeCode(source, at + ticks, ticks);
      at = (close < 0 ? at : close) + ticks - 1;
    } else if (source.startsWith(mark, at)) {
      const end = at + mark.length;
      const isDouble = mark.length === 1 && source[end] === mark;
      if (isDouble) {
        // The doubled mark is another mark, nested in this one.
        at += 1;
      } else if (at > from && closes(source, at, mark)) {
        const isLonger = mark.length === 2 && mark !== "||" && source[end] === mark[0];
        return isLonger ? at + 1 : at;
      }
    }
  }
  return -1;
}

function closes(source, at, mark) {
  if (mark === "*") return !/\s/.test(source[at - 1]);
  if (mark === "_") return !WORD.test(source[at + 1] ?? "");
  return true;
}
