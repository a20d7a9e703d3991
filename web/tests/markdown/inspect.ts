// Looks at every element of an answer and says what must not be there. Runs in jsdom and in a browser.
import { HTML_ATTRIBUTES, HTML_ELEMENTS, MATH_ATTRIBUTES, MATH_ELEMENTS } from "../../src/markdown/allowed";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
const DATA_IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;
const CLASS = /^(?:md|hl)(?:-[a-z_-]+)?$/;
const REL = "noopener noreferrer nofollow ugc";

function attributeFault(element: Element, name: string, value: string): string | undefined {
  if (name.startsWith("on")) return `handler ${name}`;
  if (name === "class" && !value.split(" ").every((part) => CLASS.test(part))) return `class ${value}`;
  if (name === "href") {
    if (element.localName !== "a") return "href outside of a link";
    if (!SCHEMES.has(new URL(value).protocol)) return `scheme of ${value}`;
    if (element.getAttribute("rel") !== REL || element.getAttribute("target") !== "_blank")
      return "link without its guards";
  }
  if (name === "src" && !(element.localName === "img" && DATA_IMAGE.test(value))) return `source ${value}`;
  return undefined;
}

/** What is wrong with one element, if something is. */
function fault(element: Element): string | undefined {
  const isMath = element.namespaceURI === MATHML;
  const elements = isMath ? MATH_ELEMENTS : HTML_ELEMENTS;
  if (!elements.has(element.localName)) return `element ${element.localName}`;
  const attributes = isMath ? MATH_ATTRIBUTES : HTML_ATTRIBUTES;
  for (const { name, value } of element.attributes) {
    if (!attributes.has(name)) return `attribute ${name} of ${element.localName}`;
    const wrong = attributeFault(element, name, value);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Everything that is wrong below `root`; empty if nothing is. */
export function faults(root: Element): string[] {
  const found = [...root.querySelectorAll("*")].map(fault).filter((text) => text !== undefined);
  return [...new Set(found)];
}

/** How many elements contain each other at the deepest place. */
export function depth(root: Element): number {
  let deepest = 0;
  for (const leaf of root.querySelectorAll("*")) {
    if (leaf.firstElementChild) continue;
    let levels = 0;
    for (let at: Element | null = leaf; at && at !== root; at = at.parentElement) levels += 1;
    deepest = Math.max(deepest, levels);
  }
  return deepest;
}
