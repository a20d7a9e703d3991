// Words that are hidden until somebody asks for them.
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { MarkdownContext } from "./settings";

export function Spoiler({ children }: { children: ComponentChildren }) {
  const { words } = useContext(MarkdownContext);
  const [isShown, setIsShown] = useState(false);
  const shown = useRef<HTMLSpanElement>(null);
  // The button that had the focus is gone, so that it would fall back to the top of the page.
  useEffect(() => {
    if (isShown) shown.current?.focus({ preventScroll: true });
  }, [isShown]);
  if (isShown) {
    return (
      <span class="md-spoiler-shown" ref={shown} tabIndex={-1}>
        {children}
      </span>
    );
  }
  return (
    <button type="button" class="md-spoiler" onClick={() => setIsShown(true)}>
      {words.spoiler}
    </button>
  );
}
