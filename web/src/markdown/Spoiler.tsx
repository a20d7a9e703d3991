// Words that are hidden until somebody asks for them.
import type { ComponentChildren } from "preact";
import { useContext, useState } from "preact/hooks";
import { MarkdownContext } from "./settings";

export function Spoiler({ children }: { children: ComponentChildren }) {
  const { words } = useContext(MarkdownContext);
  const [isShown, setIsShown] = useState(false);
  if (isShown) return <span class="md-spoiler-shown">{children}</span>;
  return (
    <button type="button" class="md-spoiler" onClick={() => setIsShown(true)}>
      {words.spoiler}
    </button>
  );
}
