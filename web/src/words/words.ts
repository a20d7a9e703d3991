// The sentences in the language that the page has now.

import { computed } from "@preact/signals";

import { language } from "../store/preferences";
import { en } from "./en";
import { ja } from "./ja";

const all = { en, ja };

export const words = computed(() => all[language.value]);

/** Returns a time as people say it. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(iso),
  );
}

/** Returns the hour of a time, and how far away it is. */
export function until(at: Date): { time: string; wait: string } {
  const minutes = Math.max(1, Math.ceil((at.getTime() - Date.now()) / 60_000));
  const relative = new Intl.RelativeTimeFormat(language.value);
  const wait =
    minutes < 60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
  return { time: new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(at), wait };
}

/** Returns billionths of a US dollar as money. */
export function money(nano: number): string {
  const dollars = nano / 1e9;
  const digits = dollars === 0 ? 2 : Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(dollars)))));
  return new Intl.NumberFormat(language.value, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(dollars);
}
