// Grammars of highlight.js and a highlighter that gives a tree, not HTML. A chunk of its own.
import type { RootContent } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import { grammarOf } from "./languages";

const GRAMMARS = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};

const lowlight = createLowlight(GRAMMARS);

/** Some grammars are quadratic or worse, so they never see more at once. */
const LONGEST_PIECE = 8192;
/** Code that has taken longer stays plain from there on. */
const BUDGET_MS = 250;

/** Pieces that end at a blank line where there is one: few things of a language go on behind it. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const limit = from + LONGEST_PIECE;
    const blank = text.lastIndexOf("\n\n", limit - 2);
    const newline = blank > from ? blank + 1 : text.lastIndexOf("\n", limit - 1);
    const end = text.length <= limit ? text.length : newline > from ? newline + 1 : limit;
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}

/** The tree of coloured parts, with every letter of the text; text alone for a language without a grammar. */
export function highlight(language: string, text: string): RootContent[] {
  const grammar = grammarOf(language);
  if (!grammar) return [{ type: "text", value: text }];
  const startMs = performance.now();
  return piecesOf(text).flatMap((piece): RootContent[] => {
    if (performance.now() - startMs > BUDGET_MS) return [{ type: "text", value: piece }];
    return lowlight.highlight(grammar, piece, { prefix: "hl-" }).children;
  });
}
