// Reading answers aloud and writing down what is said, where the browser can.

import { signal } from "@preact/signals";

import type { Message } from "../store/message";
import { language } from "../store/preferences";

export const canRead = typeof speechSynthesis !== "undefined";

/** Key of the message that is being read aloud. */
export const reading = signal<string | null>(null);

/** Reads a message aloud, or ends that. */
export function readAloud(message: Message): void {
  const wasReading = reading.value === message.key;
  speechSynthesis.cancel();
  reading.value = null;
  if (wasReading) return;
  const said = new SpeechSynthesisUtterance(plain(message.text.value));
  said.lang = /[\u3040-\u30ff]/.test(message.text.value) ? "ja" : language.value;
  said.onend = said.onerror = () => {
    if (reading.value === message.key) reading.value = null;
  };
  reading.value = message.key;
  speechSynthesis.speak(said);
}

/** Ends reading aloud. */
export function stopReading(): void {
  if (canRead) speechSynthesis.cancel();
  reading.value = null;
}

/** Leaves out what is no speech: code, marks, addresses. */
function plain(markdown: string): string {
  return markdown
    .replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, " ")
    .replace(/https?:\/\/\S+/g, " ")
    .replace(/[*_`#>|~]+/g, " ");
}

interface Recognition extends EventTarget {
  lang: string;
  interimResults: boolean;
  continuous: boolean;
  start(): void;
  abort(): void;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
}

type Maker = new () => Recognition;
const scope = globalThis as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
const Maker = scope.SpeechRecognition ?? scope.webkitSpeechRecognition;

export const canListen = Maker !== undefined;

/** Listens until told to end; each time something is heard, `heard` gets all of it. */
export function listen(heard: (text: string) => void, ended: (failure: string | null) => void): () => void {
  if (!Maker) return () => {};
  const recognition = new Maker();
  recognition.lang = language.value === "ja" ? "ja-JP" : navigator.language;
  recognition.interimResults = true;
  recognition.continuous = true;
  let failure: string | null = null;
  recognition.onresult = ({ results }) =>
    heard(Array.from(results, (result) => result[0]?.transcript ?? "").join(""));
  recognition.onerror = ({ error }) => (failure = error);
  recognition.onend = () => ended(failure);
  recognition.start();
  return () => {
    recognition.onresult = null;
    recognition.abort();
  };
}
