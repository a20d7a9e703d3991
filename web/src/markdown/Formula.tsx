// A formula in MathML. Until KaTeX is loaded, and where it finds a mistake, the source is shown.
import type { VNode } from "preact";
import { type Loader, useDrawn } from "./on-demand";

interface Props {
  source: string;
  /** As the model wrote it, with its delimiters. */
  raw: string;
  isDisplay: boolean;
  isOpen: boolean;
}

const LONGEST_SOURCE = 10_000;

function loader(isDisplay: boolean): Loader<VNode | undefined> {
  return async () => {
    const { drawFormula } = await import("./formula-drawer");
    return (source) => drawFormula(source, isDisplay);
  };
}

const IN_SENTENCE = loader(false);
const ALONE = loader(true);

export function Formula({ source, raw, isDisplay, isOpen }: Props) {
  const isWanted = !isOpen && source.length <= LONGEST_SOURCE;
  const view = useDrawn(source, isWanted, isDisplay ? ALONE : IN_SENTENCE);
  const name = isDisplay ? "md-formula md-formula-block" : "md-formula";
  if (view) return <span class={name}>{view}</span>;
  return (
    <code class={`${name} md-formula-source`} dir="ltr">
      {raw.trim()}
    </code>
  );
}
