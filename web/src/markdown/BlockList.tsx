// Blocks as elements. What is not named here becomes text.
import type { VNode } from "preact";
import type { Token, Tokens } from "marked";
import { CodeBlock } from "./CodeBlock";
import { Formula } from "./Formula";
import { Inline } from "./Inline";
import { List } from "./List";
import { Table } from "./Table";
import { known } from "./tokens";

interface Props {
  tokens: readonly Token[];
  /** Whether the last of them is still written. */
  isOpen: boolean;
  linkCount: number;
}

/** An answer is below the headings of its page, so its first level is the page's third. */
function Heading({ token, linkCount }: { token: Tokens.Heading; linkCount: number }) {
  const content = <Inline text={token.text} linkCount={linkCount} />;
  if (token.depth === 1) return <h3 dir="auto">{content}</h3>;
  if (token.depth === 2) return <h4 dir="auto">{content}</h4>;
  if (token.depth === 3) return <h5 dir="auto">{content}</h5>;
  return <h6 dir="auto">{content}</h6>;
}

function view(raw: Token, isOpen: boolean, linkCount: number): VNode | string | null {
  const token = known(raw);
  switch (token.type) {
    case "paragraph":
      return (
        <p dir="auto">
          <Inline text={token.text} linkCount={linkCount} />
        </p>
      );
    case "text":
      return <Inline text={token.text} linkCount={linkCount} />;
    case "heading":
      return <Heading token={token} linkCount={linkCount} />;
    case "code":
      return <CodeBlock text={token.text} info={token.lang ?? ""} isOpen={isOpen} />;
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
          <small>
            <Inline text={token.text} linkCount={linkCount} />
          </small>
        </p>
      );
    case "space":
    case "def":
    case "footnote":
    case "checkbox":
      return null;
    default:
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
