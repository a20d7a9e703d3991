// A picture of another host is never loaded: a link to it stands in its place.
import { useContext } from "preact/hooks";
import { dataImage, safeLink } from "./links";
import { MarkdownContext } from "./settings";

interface Props {
  href: string;
  description: string;
  isInLink: boolean;
}

export function ImageLink({ href, description, isInLink }: Props) {
  const { words } = useContext(MarkdownContext);
  const inside = dataImage(href);
  if (inside) return <img class="md-image" src={inside} alt={description} loading="lazy" decoding="async" />;
  const link = safeLink(href);
  const isWeb = link && !link.href.startsWith("mailto:");
  if (!isWeb || isInLink) return <>{description}</>;
  return (
    <a
      class="md-image-link"
      href={link.href}
      title={words.linkTo(link.place)}
      target="_blank"
      rel="noopener noreferrer nofollow ugc"
    >
      <bdi>{words.image(description, link.place)}</bdi>
    </a>
  );
}
