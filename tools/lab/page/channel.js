// Draws the list of channels, the choice of askers, and the messages that the chosen asker sees.

import * as chats from "./chats.js";
import { avatar, byId, el, replace, send } from "./dom.js";
import { drawLog } from "./log.js";
import { buttonsOf, menuOf } from "./menu.js";
import { rendered } from "./rendered.js";
import { asker, choice, nameOf, store } from "./store.js";

const LABELS = {
  general: ["#", "general", "Has a webhook: answers are for all to see."],
  random: ["#", "random", "No webhook yet: Miyabi makes one of its own."],
  thread: ["↳", "thread", "A thread of general."],
  post: ["↳", "post", "A post in the forum."],
  dm: ["@", "Miyabi", "A direct message: only you see the answers."],
  group: ["◦", "Friends", "A group of people: you have installed Miyabi for yourself."],
};
const SECTIONS = [
  ["Text channels", ["general", "thread", "random"]],
  ["Forum", ["post"]],
  ["Direct messages", ["dm", "group"]],
  ...chats.SECTIONS,
];
/** Messages of one author within this time share one header. */
const TOGETHER_MS = 7 * 60 * 1000;
const THINKING = 1 << 7;
/** Kinds of interactions: a button that was pressed, and a form that was sent. */
const PRESS = 3;
const FORM = 5;
/** How long Discord waits for an acknowledgement. */
const DEADLINE_MS = 3200;
/** Longest text of a file that is shown. */
const PREVIEW = 1200;

/** The label of a channel. */
export function labelOf(name) {
  return chats.platformOf(name)?.labelOf(name) ?? LABELS[name] ?? ["#", name, ""];
}

const seen = {};

/** Messages of a channel that the asker sees. */
function visible(channel) {
  const platform = chats.platformOf(channel);
  if (platform) return platform.messages(channel);
  const all = store.list("message/").map(([, message]) => message);
  return all.filter((message) => message.channel === channel && (!message.only_for || message.only_for === choice.asker));
}

/** Draws the list of channels. */
export function drawPlaces() {
  const sections = SECTIONS.map(([title, names]) => el("section", {}, el("h2", {}, title), el("ul", {}, names.map(place))));
  replace(byId("channels"), sections);
  const users = Object.keys(store.get("world")?.users ?? {});
  replace(byId("askers"), users.map(person));
}

function place(name) {
  const [sign, title] = labelOf(name);
  const isHere = name === choice.channel;
  const last = String(visible(name).at(-1)?.id ?? "");
  if (isHere) seen[name] = last;
  const isNew = !isHere && last !== "" && seen[name] !== last;
  const attributes = {
    type: "button",
    class: `place ${isNew ? "new" : ""} ${name === "thread" ? "inner" : ""}`,
    "aria-current": isHere ? "page" : null,
    "data-key": `place/${name}`,
    "data-channel": name,
    on: { click: () => (choice.channel = name) },
  };
  const mark = isNew ? el("span", { class: "dot", role: "img", "aria-label": "new messages" }) : null;
  return el("li", {}, el("button", attributes, el("span", { class: "sign", "aria-hidden": "true" }, sign), el("span", {}, title), mark));
}

function person(name) {
  const user = store.get("world").users[name];
  const attributes = {
    type: "radio",
    name: "asker",
    value: name,
    checked: name === choice.asker,
    "data-key": `asker/${name}`,
    on: { change: () => (choice.asker = name) },
  };
  const words = el("span", {}, el("strong", {}, nameOf(user)), el("small", {}, `${name} · ${user.locale}`));
  return el("label", { class: "asker" }, el("input", attributes), avatar(nameOf(user), user.avatar ? "pictured" : ""), words);
}

/** Draws the channel, or the chat of another platform. */
export function drawChannel() {
  const [sign, title, about] = labelOf(choice.channel);
  byId("place").replaceChildren(el("span", { class: "sign", "aria-hidden": "true" }, sign), ` ${title}`);
  const platform = chats.platformOf(choice.channel);
  document.querySelector(".app").dataset.place = platform?.NAME ?? "discord";
  if (platform) return platform.drawChat();
  byId("about").textContent = about;
  const wanted = [];
  let before = null;
  for (const message of visible(choice.channel)) {
    wanted.push(entry(message, isTogether(before, message)));
    before = message;
  }
  wanted.push(...waiting());
  if (wanted.length === 0) wanted.push(welcome());
  drawLog(wanted);
}

function isTogether(before, message) {
  if (!before || message.interaction || before.author !== message.author) return false;
  const gap = Date.parse(message.timestamp) - Date.parse(before.timestamp);
  return before.only_for === message.only_for && !before.interaction && gap < TOGETHER_MS;
}

function entry(message, together) {
  const used = store.get(`interaction/${message.interaction}`);
  const print = JSON.stringify([message, together, used?.as, choice.asker]);
  return { key: `message/${message.id}`, print, make: () => drawn(message, together, used) };
}

/** The name of a message's author. The bot's own messages have the same name as its webhooks'. */
function authorOf({ author, webhook_id: from }) {
  return from === store.get("world")?.application_id ? "Miyabi" : author;
}

function drawn(message, together, used) {
  const author = authorOf(message);
  const isThinking = (message.flags & THINKING) !== 0;
  const parts = [
    message.content ? rendered(message.content) : null,
    isThinking ? el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), " Miyabi is thinking…") : null,
    message.attachments.map(attachment),
    message.embeds.map(embed),
    buttonsOf(message),
    message.only_for ? onlyYou(message) : null,
  ];
  const head = el(
    "header",
    {},
    el("span", { class: "author" }, author),
    message.person ? null : el("span", { class: "tag" }, "APP"),
    stamp(message.timestamp),
    message.edited && !isThinking ? el("span", { class: "edited" }, "(edited)") : null,
  );
  const attributes = {
    class: `message ${together ? "together" : ""} ${message.only_for ? "private" : ""}`,
    "data-id": message.id,
    "data-author": author,
  };
  const body = el("div", { class: "body" }, together ? null : head, parts);
  const picture = together ? el("span", { class: "gutter" }) : avatar(author, message.avatar_url ? "pictured" : "");
  const menu = isThinking ? null : menuOf(message);
  return el("article", attributes, used && !together ? usedBy(used) : null, picture, body, menu);
}

/** The line "Mio used /ask" above the answer to a command. */
function usedBy(used) {
  const user = store.get("world")?.users[used.as] ?? {};
  const name = nameOf(user, used.channel);
  return el("p", { class: "used" }, avatar(name, "small"), " ", el("strong", {}, name), " used ", el("span", { class: "pill" }, used.about || [PRESS, FORM].includes(used.kind) ? used.command : `/${used.command}`));
}

function onlyYou(message) {
  const dismiss = () => {
    const gone = send("POST", `/lab/interactions/${message.interaction}`, { dismiss: message.id });
    gone.catch((error) => (byId("hint").textContent = error.message));
    byId("log").focus();
  };
  const button = el("button", { type: "button", class: "link", on: { click: dismiss } }, "Dismiss message");
  return el("p", { class: "only" }, el("span", { "aria-hidden": "true" }, "◉ "), "Only you can see this · ", button);
}

function attachment(file) {
  const size = file.size < 1024 ? `${file.size} bytes` : `${(file.size / 1024).toFixed(1)} kB`;
  const head = el("div", { class: "file-head" }, el("span", { "aria-hidden": "true" }, "▤ "), el("strong", {}, file.filename), el("span", {}, ` ${size}`));
  if (file.picture) return el("div", { class: "file" }, head, el("img", { src: file.picture, alt: file.description ?? "", width: "192" }));
  if (file.text === null) return el("div", { class: "file" }, head);
  const preview = el("pre", { tabindex: "0", "aria-label": `Preview of ${file.filename}` }, file.text.slice(0, PREVIEW));
  if (file.text.length <= PREVIEW) return el("div", { class: "file" }, head, preview);
  const all = () => {
    preview.textContent = file.text;
    more.remove();
  };
  const more = el("button", { type: "button", class: "quiet", on: { click: all } }, `Show all ${file.text.length} characters`);
  return el("div", { class: "file" }, head, preview, more);
}

function embed({ title, description }) {
  return el("div", { class: "embed" }, title ? el("strong", {}, title) : null, description ? rendered(description) : null);
}

/** Commands that were not acknowledged; after Discord's deadline they are shown as failed. */
function waiting() {
  const all = store.list("interaction/").map(([, known]) => known);
  const mine = all.filter((known) => known.as === choice.asker && known.channel === choice.channel && known.command && !known.acknowledged);
  return mine.slice(-3).map((known) => {
    const isOver = known.expired || Date.now() - known.at_ms > DEADLINE_MS;
    if (!isOver) setTimeout(() => store.touch(), DEADLINE_MS);
    const words = isOver ? "The application did not respond" : "Sending command…";
    const make = () => el("article", { class: "message private" }, usedBy(known), el("span", { class: "gutter" }), el("div", { class: "body" }, el("p", { class: isOver ? "failed" : "thinking" }, words)));
    return { key: `waiting/${known.id}`, print: words, make };
  });
}

function welcome() {
  const [, title] = labelOf(choice.channel);
  const make = () =>
    el(
      "div",
      { class: "welcome" },
      el("h2", {}, `Welcome to ${title}`),
      el("p", {}, "Nothing has been said here. Type ", el("kbd", {}, "/"), " to ask Miyabi, or say something and open its menu."),
    );
  return { key: "welcome", print: title, make };
}

function stamp(timestamp) {
  const date = new Date(timestamp);
  const { locale } = asker();
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(date);
  return el("time", { datetime: timestamp }, time);
}
