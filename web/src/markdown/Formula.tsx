// A formula in MathML. Until KaTeX is loaded, and where it finds a mistake, the source is shown.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Props {
  source: string;
  /** As the model wrote it, with its delimiters. */
  raw: string;
  isDisplay: boolean;
  isOpen: boolean;
}

const LONGEST_SOURCE = 10_000;

export function Formula({ source, raw, isDisplay, isOpen }: Props) {
  const [drawn, setDrawn] = useState<{ source: string; view: VNode | undefined }>();
  const isWanted = !isOpen && source.length <= LONGEST_SOURCE;
  useEffect(() => {
    if (!isWanted) return undefined;
    let isGone = false;
    const draw = async () => {
      const { drawFormula } = await import("./formula-drawer");
      if (!isGone) setDrawn({ source, view: drawFormula(source, isDisplay) });
    };
    // The source stays where the chunk does not load.
    draw().catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [isWanted, source, isDisplay]);
  const view = isWanted && drawn?.source === source ? drawn.view : undefined;
  const name = isDisplay ? "md-formula md-formula-block" : "md-formula";
  if (view) return <span class={name}>{view}</span>;
  return (
    <code class={`${name} md-formula-source`} dir="ltr">
      {raw.trim()}
    </code>
  );
}
