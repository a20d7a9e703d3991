// Above the conversation: its title, and what can be done with it.

import { current, isListOpen, panel, session, show } from "../store/app";
import type { Conversation } from "../store/conversation";
import { isTemporary } from "../store/temporary";
import { words } from "../words/words";
import { IconButton } from "./Icon";

export function TopBar() {
  const at = current.value;
  const { list, temporary } = words.value;
  return (
    <header class="top-bar">
      <IconButton
        icon="menu"
        class="only-narrow"
        label={isListOpen.value ? list.close : list.open}
        isExpanded={isListOpen.value}
        onClick={() => (isListOpen.value = !isListOpen.value)}
      />
      <h1 class="title" dir="auto">
        {at === null ? (
          <span class="brand-name">{words.value.appName}</span>
        ) : isTemporary(at.id) ? (
          temporary.title
        ) : (
          at.title.value || list.untitled
        )}
      </h1>
      {at &&
        !isTemporary(at.id) &&
        session.value?.isSharing &&
        at.load.value === "ready" &&
        hasAnswer(at) && (
          <IconButton icon="share" label={list.share} onClick={() => (panel.value = "share")} />
        )}
      <IconButton icon="new" class="only-narrow" label={list.new} onClick={() => show(null)} />
    </header>
  );
}

/** Whether there is something to show to others. */
function hasAnswer(at: Conversation): boolean {
  return at.tree.path.value.some((it) => it.role === "assistant" && it.turn !== null);
}
