// Blocks as elements. What is not named here becomes text.
import type { VNode } from "preact";
import type { Token, Tokens } from "marked";
import { CodeBlock } from "./CodeBlock";
import { Formula } from "./Formula";
import { Inline } from "./Inline";
import { List } from "./List";
import { Table } from "./Table";
import { known } from "./tokens";

/** Models put it on a line of its own to get a distance, which paragraphs have anyway. */
const BREAKS_ONLY = /^\s*(?:<br[ \t]*\/?>\s*)+$/i;

interface Props {
  tokens: readonly Token[];
  /** Whether the last of them is still written. */
  isOpen: boolean;
  linkCount: number;
}

/** An answer is below the headings of its page, so its highest rank is the page's third level. */
function Heading({ token, content }: { token: Tokens.Heading; content: VNode }) {
  if (token.depth === 1) return <h3 dir="auto">{content}</h3>;
  if (token.depth === 2) return <h4 dir="auto">{content}</h4>;
  if (token.depth === 3) return <h5 dir="auto">{content}</h5>;
  return <h6 dir="auto">{content}</h6>;
}

function view(raw: Token, isOpen: boolean, linkCount: number): VNode | string | null {
  const token = known(raw);
  const sentence = (text: string) => <Inline text={text} linkCount={linkCount} isOpen={isOpen} />;
  switch (token.type) {
    case "paragraph":
      return <p dir="auto">{sentence(token.text)}</p>;
    case "text":
      return sentence(token.text);
    case "heading":
      return <Heading token={token} content={sentence(token.text)} />;
    case "code":
      return <CodeBlock text={token.text.replace(/\n$/, "")} info={token.lang ?? ""} isOpen={isOpen} />;
    case "list":
      return <List token={token} isOpen={isOpen} linkCount={linkCount} />;
    case "table":
      return <Table token={token} linkCount={linkCount} />;
    case "blockquote":
      return (
        <blockquote dir="auto">
          <BlockList tokens={token.tokens} isOpen={isOpen} linkCount={linkCount} />
        </blockquote>
      );
    case "hr":
      return <hr />;
    case "math":
      return <Formula source={token.source} raw={token.raw} isDisplay isOpen={token.isOpen} />;
    case "subtext":
      return (
        <p class="md-subtext" dir="auto">
          <small>{sentence(token.text)}</small>
        </p>
      );
    case "space":
    case "def":
    case "footnote":
    case "checkbox":
      return null;
    default:
      if (BREAKS_ONLY.test(token.raw)) return null;
      return (
        <p class="md-raw" dir="auto">
          {token.raw}
        </p>
      );
  }
}

export function BlockList({ tokens, isOpen, linkCount }: Props) {
  return <>{tokens.map((token, index) => view(token, isOpen && index === tokens.length - 1, linkCount))}</>;
}
