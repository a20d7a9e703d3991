// The platforms on which people write to a bot: each has places, messages, and a way to write.

import * as slack from "./slack.js";
import * as telegram from "./telegram.js";
import * as whatsapp from "./whatsapp.js";

const PLATFORMS = [telegram, slack, whatsapp];

/** Sections of the list of places. */
export const SECTIONS = [
  ["Telegram", telegram.PLACES],
  ["Slack", slack.PLACES],
  ["WhatsApp", whatsapp.PLACES],
];

/** The platform of a place; none for a channel of Discord. */
export function platformOf(place) {
  return PLATFORMS.find(({ PLACES }) => PLACES.includes(place)) ?? null;
}
