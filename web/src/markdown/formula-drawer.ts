// KaTeX's tree as elements of an allow-list. A chunk of its own.
import { h, type ComponentChild, type VNode } from "preact";
import katex from "katex";
import { MATH_ATTRIBUTES, MATH_ELEMENTS } from "./allowed";

/** What KaTeX's tree has: spans around it, MathML nodes, texts and spaces. */
interface MathTree {
  type?: string;
  attributes?: Record<string, string>;
  children?: readonly MathTree[];
  text?: string;
  character?: string | null;
  width?: number;
}

/** KaTeX exports this, but its types do not name it. */
type Drawer = (source: string, options: object) => MathTree;
const draw = (katex as unknown as { __renderToDomTree: Drawer }).__renderToDomTree;

const OPTIONS = {
  output: "mathml",
  throwOnError: true,
  trust: false,
  strict: "ignore",
  maxExpand: 300,
  maxSize: 20,
};

/** Some macros write to the console, where nothing of an answer may appear. */
const SILENT = { "\\message": "\\@gobble", "\\errmessage": "\\@gobble", "\\show": "\\@gobble" };

/** Deeper than any formula that somebody reads. */
const DEEPEST = 60;
const LONGEST_ATTRIBUTE = 64;

function allowedAttributes(attributes: Record<string, string>): Record<string, string> {
  const safe = Object.entries(attributes).filter(
    ([name, value]) => MATH_ATTRIBUTES.has(name) && String(value).length <= LONGEST_ATTRIBUTE,
  );
  return Object.fromEntries(safe);
}

function views(nodes: readonly MathTree[], depth: number): ComponentChild[] {
  return nodes.map((node) => view(node, depth));
}

function view(node: MathTree, depth: number): ComponentChild {
  if (depth > DEEPEST) return null;
  if (node.text !== undefined) return node.text;
  if (node.character) return node.character;
  const children = views(node.children ?? [], depth + 1);
  if (node.type !== undefined && MATH_ELEMENTS.has(node.type)) {
    return h(node.type, allowedAttributes(node.attributes ?? {}), children);
  }
  if (node.width !== undefined) return h("mspace", { width: `${String(node.width)}em` });
  // A glyph from a file, or a kind of node that is not known.
  return node.children ? h("mrow", null, children) : null;
}

function findMath(node: MathTree): MathTree | undefined {
  if (node.type === "math") return node;
  for (const child of node.children ?? []) {
    const found = findMath(child);
    if (found) return found;
  }
  return undefined;
}

/** The formula, or nothing if KaTeX cannot read it. */
export function drawFormula(source: string, isDisplay: boolean): VNode | undefined {
  try {
    const math = findMath(draw(source, { ...OPTIONS, macros: { ...SILENT }, displayMode: isDisplay }));
    return math ? (view(math, 0) as VNode) : undefined;
  } catch {
    return undefined;
  }
}
