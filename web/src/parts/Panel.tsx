// A dialog above the page. The browser keeps the focus in it and gives it back.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { panel } from "../store/app";
import { words } from "../words/words";
import { IconButton } from "./Icon";

export function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const it = dialog.current;
    const before = document.activeElement;
    it?.showModal();
    return () => {
      it?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => (panel.value = null);
  return (
    <dialog
      ref={dialog}
      class="panel"
      aria-labelledby="panel-title"
      onCancel={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="panel-inside">
        <header>
          <h2 id="panel-title">{title}</h2>
          <IconButton icon="close" label={words.value.close} onClick={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
