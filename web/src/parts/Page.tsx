// The whole page: the list beside the conversation, and what may lie above both.

import { useEffect } from "preact/hooks";

import { MARKDOWN_ENGLISH, MARKDOWN_JAPANESE, MarkdownContext, type MarkdownSettings } from "../markdown";
import {
  current,
  doubt,
  generation,
  isCovered,
  isDown,
  isListOpen,
  isOnline,
  isWaiting,
  mayAsk,
  panel,
  session,
} from "../store/app";
import { status } from "../store/notices";
import { language } from "../store/preferences";
import { words } from "../words/words";
import { ConversationView } from "./ConversationView";
import { EmptyPage } from "./EmptyPage";
import { followKeyboard } from "./keyboard";
import { KeySheet } from "./KeySheet";
import { List } from "./List";
import { MemoryPanel } from "./MemoryPanel";
import { Notices } from "./Notices";
import { SettingsPanel } from "./SettingsPanel";
import { SharePanel } from "./SharePanel";
import { SignInPanel } from "./SignInPanel";
import { TopBar } from "./TopBar";
import { onKey } from "./shortcuts";

const announce = (sentence: string) => {
  status.value = sentence;
};
const MARKDOWN: Record<"en" | "ja", MarkdownSettings> = {
  en: { words: MARKDOWN_ENGLISH, locale: "en", announce },
  ja: { words: MARKDOWN_JAPANESE, locale: "ja", announce },
};

export function Page() {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useEffect(followKeyboard, []);
  const at = current.value;
  const hasField = at === null ? mayAsk.value || isWaiting.value : at.load.value !== "gone";
  return (
    <MarkdownContext.Provider value={MARKDOWN[language.value]}>
      {hasField && !isCovered.value && (
        <a class="skip" href="#question" onClick={focusQuestion}>
          {words.value.skip}
        </a>
      )}
      <div class={`page ${isListOpen.value ? "list-open" : ""}`}>
        <List />
        <main class="main" inert={isCovered.value}>
          <TopBar />
          {!isOnline.value && <p class="offline">{words.value.status.offline}</p>}
          {at === null || session.value === null || isDown.value || doubt.value !== "" ? (
            <EmptyPage key={generation.value} />
          ) : (
            <ConversationView key={`${at.id} ${generation.value}`} conversation={at} />
          )}
        </main>
      </div>
      <p class="visually-hidden" role="status" aria-live="polite">
        {status.value}
      </p>
      <Notices />
      {panel.value === "sign-in" && <SignInPanel />}
      {panel.value === "memory" && <MemoryPanel />}
      {panel.value === "settings" && <SettingsPanel />}
      {panel.value === "keys" && <KeySheet />}
      {panel.value === "share" && <SharePanel />}
    </MarkdownContext.Provider>
  );
}

function focusQuestion(event: Event): void {
  event.preventDefault();
  document.getElementById("question")?.focus();
}
