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
import { mended } from "./mending";
import { plainText } from "./plain-text";
import { Spoiler } from "./Spoiler";
import { Timestamp } from "./Timestamp";
import { known } from "./tokens";

interface Props {
  text: string;
  linkCount: number;
}

const LINE_BREAK_TAG = /^<br[ \t]*\/?>$/i;

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
      return <ImageLink href={token.href} description={plainText(token.tokens)} isInLink={isInLink} />;
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

/** A sentence, of which more may come if it is open. */
export function Inline({ text, linkCount, isOpen = false }: Props & { isOpen?: boolean }) {
  const pieces = piecesOf(text);
  return (
    <>
      {pieces.map((piece, index) => {
        const shown = isOpen && index === pieces.length - 1 ? mended(piece) : piece;
        return <Piece key={index} text={shown} linkCount={linkCount} />;
      })}
    </>
  );
}
