// Above the conversation: its title, and what can be done with it.

import { current, isListOpen, panel, session, show } from "../store/app";
import { words } from "../words/words";
import { IconButton } from "./Icon";

export function TopBar() {
  const at = current.value;
  const { list } = words.value;
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
        {at ? at.title.value || list.untitled : <span class="brand-name">{words.value.appName}</span>}
      </h1>
      {at && session.value?.isSharing && at.load.value === "ready" && at.tree.path.value.length > 1 && (
        <IconButton icon="share" label={list.share} onClick={() => (panel.value = "share")} />
      )}
      <IconButton icon="new" class="only-narrow" label={list.new} onClick={() => show(null)} />
    </header>
  );
}
