// How a person wants the page: language, colours, which key sends. Kept in the browser.

import { effect, signal } from "@preact/signals";

import { speak } from "../api/http";
import { keep, kept } from "./storage";

export type Language = "en" | "ja";
export type Theme = "auto" | "light" | "dark";
export type SendKey = "enter" | "mod-enter";

interface Preferences {
  language: Language | null;
  theme: Theme;
  sendKey: SendKey;
}

const stored = kept<Partial<Preferences>>("preferences", {});

function own(): Language {
  return navigator.languages.some((it) => it.toLowerCase().startsWith("ja")) ? "ja" : "en";
}

export const language = signal<Language>(stored.language ?? own());
export const theme = signal<Theme>(stored.theme ?? "auto");
export const sendKey = signal<SendKey>(stored.sendKey ?? "enter");

/** Has the page follow the preferences, now and when they change. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.lang = language.value;
    speak(language.value);
    if (theme.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    keep("preferences", { language: language.value, theme: theme.value, sendKey: sendKey.value });
  });
}
