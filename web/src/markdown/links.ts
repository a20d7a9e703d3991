// Which addresses a link may have, and what people are told about where it leads.
import { decodeEntities } from "./entities";

/** A link that may be shown: its address, and the name of the place. */
export interface SafeLink {
  href: string;
  /** The host, or the recipient of a mail. In ASCII, so that no look-alike letter hides in it. */
  place: string;
}

const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
const LONGEST_HREF = 8192;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const LONGEST_DATA_IMAGE = 2_000_000;
// A word that looks like a host: labels with dots, and a last one of letters.
const HOST_IN_TEXT = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,62})\.){1,8}[\p{L}][\p{L}\p{M}\p{N}-]{1,62}/gu;

function parse(href: string): URL | undefined {
  try {
    return new URL(href);
  } catch {
    return undefined;
  }
}

/** The link to `href` as marked reads it, or nothing if it is not http, https or mailto, or has no host. */
export function safeLink(href: string, isLiteral = false): SafeLink | undefined {
  if (href.length > LONGEST_HREF) return undefined;
  const url = parse(isLiteral ? href : decodeEntities(href));
  if (!url || !SCHEMES.has(url.protocol)) return undefined;
  const place = url.protocol === "mailto:" ? url.pathname : url.host;
  return place === "" ? undefined : { href: url.href, place };
}

/** A picture that is part of the text itself, of a kind that can hold no script. */
export function dataImage(href: string): string | undefined {
  if (href.length > LONGEST_DATA_IMAGE) return undefined;
  return DATA_IMAGE.test(href) ? href : undefined;
}

function bare(host: string): string {
  const ascii = parse(`https://${host}`)?.hostname ?? host.toLowerCase();
  return ascii.replace(/^www\./, "");
}

/** Whether the words of a link name a host, or a user before an `@`, that is not where it leads. */
export function namesOtherPlace(words: string, link: SafeLink): boolean {
  if (link.href.startsWith("mailto:")) return words.includes("@") && words.trim() !== link.place;
  const url = parse(link.href);
  if (url && (url.username !== "" || url.password !== "")) return true;
  const hosts = words.slice(0, 2000).match(HOST_IN_TEXT) ?? [];
  return hosts.some((host) => bare(host) !== bare(link.place.replace(/:\d+$/, "")));
}
