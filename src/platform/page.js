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

/** Returns `{title, text}`; links have their address behind them, as they are written, if it is absolute. */
export const readHtml = async (html) => {
  const parts = [];
  let title = "";
  let skipped = 0;
  const add = (part) => {
    if (skipped === 0) parts.push(part);
  };
  const rewriter = new HTMLRewriter()
    .on("title", { text: (piece) => void (title += piece.text) })
    .on("head, " + SKIPPED, {
      element(element) {
        if (element.selfClosing) return;
        skipped += 1;
        element.onEndTag(() => void (skipped -= 1));
      },
    })
    .on("body", { element: () => void (skipped = 0) })
    .on(BLOCKS, { element: () => add("\n") })
    .on("td, th", { element: () => add(" | ") })
    .on("img[alt]", { element: (element) => add(` ${element.getAttribute("alt")} `) })
    .on("a[href^='http']", {
      element(element) {
        const href = element.getAttribute("href");
        if (href.length <= 300) element.onEndTag(() => add(` <${href}> `));
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
