// A sentence, of which only those pieces are read and drawn again whose text changed.
import { Component, Fragment, type ComponentChild, type ContextType, type VNode } from "preact";
import type { Token } from "marked";
import { DocumentContext } from "./document";
import { decodeEntities } from "./entities";
import { FootnoteRef } from "./FootnoteRef";
import { Formula } from "./Formula";
import { ImageLink } from "./ImageLink";
import { lexInline, noLinks, piecesOf } from "./lexer";
import { LinkTo } from "./LinkTo";
import { Spoiler } from "./Spoiler";
import { Timestamp } from "./Timestamp";
import { known } from "./tokens";

interface Props {
  text: string;
  linkCount: number;
}

const LINE_BREAK_TAG = /^<br[ \t]*\/?>$/i;

/** The words of tokens, without what they look like. */
export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map(known)
    .map((token) => {
      if ("tokens" in token && token.tokens) return plainText(token.tokens);
      return "text" in token ? token.text : token.raw;
    })
    .join("");
}

function view(raw: Token, isInLink: boolean): ComponentChild {
  const token = known(raw);
  switch (token.type) {
    case "text":
      return decodeEntities(token.text);
    case "escape":
      return token.text;
    case "strong":
      return <strong>{views(token.tokens, isInLink)}</strong>;
    case "em":
      return <em>{views(token.tokens, isInLink)}</em>;
    case "del":
      return <del>{views(token.tokens, isInLink)}</del>;
    case "codespan":
      return <code dir="ltr">{token.text}</code>;
    case "br":
      return <br />;
    case "link": {
      const words = views(token.tokens, true);
      if (isInLink) return <Fragment>{words}</Fragment>;
      return (
        <LinkTo
          href={token.href}
          isLiteral={token.autolink === true}
          raw={token.raw}
          words={plainText(token.tokens)}
        >
          {words}
        </LinkTo>
      );
    }
    case "image":
      return (
        <ImageLink
          href={token.href}
          description={decodeEntities(plainText(token.tokens))}
          isInLink={isInLink}
        />
      );
    case "math":
      return <Formula source={token.source} raw={token.raw} isDisplay={token.isDisplay} isOpen={false} />;
    case "footnote_ref":
      return <FootnoteRef label={token.label} raw={token.raw} isInLink={isInLink} />;
    case "spoiler":
      return isInLink ? token.raw : <Spoiler>{views(token.tokens, false)}</Spoiler>;
    case "timestamp":
      return <Timestamp unixSeconds={token.unixSeconds} style={token.style} raw={token.raw} />;
    case "html":
      return LINE_BREAK_TAG.test(token.raw) ? <br /> : token.raw;
    default:
      return token.raw;
  }
}

function views(tokens: readonly Token[], isInLink: boolean): ComponentChild[] {
  return tokens.map((token) => view(token, isInLink));
}

/** A piece of a sentence. */
class Piece extends Component<Props> {
  static override contextType = DocumentContext;
  declare context: ContextType<typeof DocumentContext>;

  override shouldComponentUpdate(next: Props): boolean {
    return next.text !== this.props.text || next.linkCount !== this.props.linkCount;
  }

  override render({ text }: Props): VNode {
    const links = this.context?.answer.links ?? noLinks();
    return <>{views(lexInline(text, links), false)}</>;
  }
}

export function Inline({ text, linkCount }: Props) {
  return (
    <>
      {piecesOf(text).map((piece, index) => (
        <Piece key={index} text={piece} linkCount={linkCount} />
      ))}
    </>
  );
}
