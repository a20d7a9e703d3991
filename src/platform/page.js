// The title and the text of HTML, by the runtime's HTMLRewriter. Its text is as it was written, so entities are
// decoded here.

const SKIPPED = "script, style, noscript, template, svg, iframe, object, select, button";
const BLOCKS =
  "p, div, section, article, header, footer, main, aside, nav, ul, ol, li, table, tr, br, hr, h1, h2, h3, h4, h5, h6, blockquote, pre, dl, dt, dd, figure, form";

const ENTITIES = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", copy: "©", reg: "®", trade: "™", hellip: "…",
  mdash: "—", ndash: "–", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", laquo: "«", raquo: "»", middot: "·",
  bull: "•", yen: "¥", euro: "€", pound: "£", cent: "¢", deg: "°", times: "×", divide: "÷", plusmn: "±",
  ensp: " ", emsp: " ", thinsp: " ", shy: "", zwj: "", zwnj: "", larr: "←", rarr: "→", sect: "§", para: "¶",
  eacute: "é", egrave: "è", agrave: "à", ouml: "ö", uuml: "ü", auml: "ä", szlig: "ß", ccedil: "ç", ntilde: "ñ",
};

const decode = (text) =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,8}));/gi, (all, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? ENTITIES[name.toLowerCase()] ?? all;
    const code = hex ? parseInt(hex, 16) : parseInt(decimal, 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });

const tidy = (text) =>
  decode(text)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/** What may be in a head: any other element ends it, whether or not `</head>` is there. */
const IN_HEAD = new Set(["head", "title", "meta", "link", "base", "style", "script", "noscript", "template"]);

/** Calls `run` at an element's end, and returns whether it has one: `<svg/>` and `<a/>` in it have none. */
const atEnd = (element, run) => {
  try {
    element.onEndTag(run);
    return true;
  } catch {
    return false;
  }
};

/** Returns `{title, text}`; links have their address behind them, as they are written, if it is absolute. */
export const readHtml = async (html) => {
  const parts = [];
  let title = "";
  let skipped = 0;
  let isInHead = false;
  const add = (part) => {
    if (skipped === 0 && !isInHead) parts.push(part);
  };
  const rewriter = new HTMLRewriter()
    .on("title", { text: (piece) => void (title += piece.text) })
    .on("*", {
      element(element) {
        if (isInHead && !IN_HEAD.has(element.tagName)) isInHead = false;
        if (element.tagName === "head") {
          isInHead = true;
          atEnd(element, () => void (isInHead = false));
        }
      },
    })
    .on("body", { element: () => void (skipped = 0) })
    .on(SKIPPED, {
      element(element) {
        if (atEnd(element, () => void (skipped -= 1))) skipped += 1;
      },
    })
    .on(BLOCKS, { element: () => add("\n") })
    .on("td, th", { element: () => add(" | ") })
    .on("img[alt]", { element: (element) => add(` ${element.getAttribute("alt")} `) })
    .on("a[href^='http']", {
      element(element) {
        const href = element.getAttribute("href");
        if (href.length <= 300) atEnd(element, () => add(` <${href}> `));
      },
    })
    .onDocument({ text: (piece) => add(piece.text.replace(/\s+/g, " ")) });
  await rewriter
    .transform(new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } }))
    .arrayBuffer();
  return { title: tidy(title).replace(/\n/g, " "), text: tidy(parts.join("")) };
};

/** Decodes bytes by the name of a character set, as UTF-8 if there is no such one. */
export const decodeBytes = (bytes, charset) => {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
};
