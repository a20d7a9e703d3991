// A moment as Discord writes it, in the reader's own time zone.
import { useContext } from "preact/hooks";
import { MarkdownContext } from "./settings";

interface Props {
  unixSeconds: number;
  style: string;
  /** As the model wrote it; shown if there is no such moment. */
  raw: string;
}

const FORMATS: ReadonlyMap<string, Intl.DateTimeFormatOptions> = new Map([
  ["t", { timeStyle: "short" }],
  ["T", { timeStyle: "medium" }],
  ["d", { dateStyle: "short" }],
  ["D", { dateStyle: "long" }],
  ["F", { dateStyle: "full", timeStyle: "short" }],
]);
const DEFAULT_FORMAT: Intl.DateTimeFormatOptions = { dateStyle: "long", timeStyle: "short" };

export function Timestamp({ unixSeconds, style, raw }: Props) {
  const { locale } = useContext(MarkdownContext);
  const moment = new Date(unixSeconds * 1000);
  if (Number.isNaN(moment.getTime())) return <>{raw}</>;
  const format = new Intl.DateTimeFormat(locale, FORMATS.get(style) ?? DEFAULT_FORMAT);
  return <time dateTime={moment.toISOString()}>{format.format(moment)}</time>;
}
