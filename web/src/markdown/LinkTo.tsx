// A link that says where it leads. An address that is not http, https or mailto is text.
import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { namesOtherPlace, safeLink } from "./links";
import { MarkdownContext } from "./settings";

interface Props {
  href: string;
  /** Whether the address was written bare, so that `&amp;` in it means itself. */
  isLiteral: boolean;
  /** As the model wrote it. */
  raw: string;
  words: string;
  children: ComponentChildren;
}

export function LinkTo({ href, isLiteral, raw, words, children }: Props) {
  const settings = useContext(MarkdownContext);
  const link = safeLink(href, isLiteral);
  if (!link) return <>{raw}</>;
  const isMisleading = namesOtherPlace(words, link) || words.trim() === "";
  return (
    <>
      <a
        class="md-link"
        href={link.href}
        title={settings.words.linkTo(link.place)}
        target="_blank"
        rel="noopener noreferrer nofollow ugc"
      >
        <bdi>{children}</bdi>
      </a>
      {isMisleading && (
        <bdi class="md-link-host" dir="ltr">
          {` (${link.place})`}
        </bdi>
      )}
    </>
  );
}
