// WhatsApp: its chats with the number, what the number writes into them, and what the chosen asker writes.

import { avatar, byId, el, fold, isWeb, send } from "./dom.js";
import { drawLog } from "./log.js";
import { choice, store } from "./store.js";

export const NAME = "whatsapp";
const PREFIX = "whatsapp:";
const CHATS = {
  private: ["✆", "Miyabi", "A chat with the number: every text is a question."],
  group: ["✆", "Friends", "A group: the number answers commands, mentions of it and replies to it."],
  nameless: ["✆", "Miyabi, as Sora", "Sora shows no number: the business knows an id alone."],
};
/** What the lab calls the group, and who shows no number. */
const GROUP = "friends";
const NAMELESS = "sora";
/** Commands that are offered until some are registered with the lab. */
const UNREGISTERED = [
  { command_name: "ask", command_description: "Ask Miyabi a question" },
  { command_name: "help", command_description: "What there is" },
];
const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code" };
/** The message that the next one replies to, if there is one. */
let replying = null;

/** Places of the list, by which a chat is chosen. */
export const PLACES = Object.keys(CHATS).map((name) => PREFIX + name);

/** The sign, the name and the description of a chat. */
export function labelOf(place) {
  return CHATS[place.slice(PREFIX.length)];
}

/** Who writes, and the lab's name of the chat. */
function where(place) {
  const name = place.slice(PREFIX.length);
  const who = name === "nameless" ? NAMELESS : choice.asker;
  return { who, chat: name === "group" ? GROUP : who };
}

/** Messages of a chat. */
export function messages(place) {
  return store.list(`whatsapp/message/${where(place).chat}/`).map(([, message]) => message);
}

/** Whether the number is seen to type; the page is drawn again when that is over. */
function isTyping(chat) {
  const left = (store.get(`whatsapp/typing/${chat}`)?.until_ms ?? 0) - Date.now();
  if (left > 0) setTimeout(() => store.touch(), left + 20);
  return left > 0;
}

/** Draws the chosen chat. */
export function drawChat() {
  const { who, chat } = where(choice.channel);
  const all = messages(choice.channel);
  const charged = store.get("whatsapp/money")?.messages ?? 0;
  const about = `${labelOf(choice.channel)[2]} Messages charged: ${charged}.`;
  byId("about").textContent = isTyping(chat) ? "Miyabi is typing…" : about;
  const wanted = all.map((message) => ({
    key: `whatsapp/${chat}/${message.number}`,
    print: JSON.stringify([message, who]),
    make: () => bubble(message, all, who),
  }));
  if (wanted.length === 0) wanted.push({ key: `whatsapp/welcome/${chat}`, print: chat, make: welcome });
  drawLog(wanted);
  drawReply(all);
}

function welcome() {
  const isGroup = choice.channel === `${PREFIX}group`;
  const words = isGroup ? "Begin with /ask, or reply to what the number has said." : "Write something: every text is a question.";
  return el("div", { class: "welcome" }, el("h2", {}, labelOf(choice.channel)[1]), el("p", {}, words));
}

function bubble(message, all, who) {
  const isMine = message.author === who;
  const name = nameOf(message);
  const attributes = { class: `bubble ${isMine ? "mine" : ""}`, "data-id": message.id, "data-author": name };
  const head = el("header", {}, el("span", { class: "author" }, name), message.is_bot ? el("span", { class: "tag" }, "BUSINESS") : null);
  const answered = all.find((one) => one.id === message.reply_to);
  const reply = { type: "button", class: "quiet reply", "aria-label": `Reply to ${name}`, on: { click: () => replyTo(message) } };
  const marks = [message.edited ? "edited " : "", message.read ? "read " : ""].join("");
  const foot = el("footer", {}, message.reactions.map(({ emoji }) => el("span", { class: "reaction" }, emoji)), el("span", {}, marks, time(message)), el("button", reply, "Reply"));
  const body = el(
    "div",
    { class: "cloud" },
    head,
    answered ? el("p", { class: "quoted" }, el("strong", {}, nameOf(answered)), " ", (answered.plain || "a file").slice(0, 80)) : null,
    message.medium ? medium(message.medium) : null,
    message.revoked ? el("p", { class: "thinking" }, "This message was deleted.") : null,
    message.lines.length > 0 ? lines(message.lines) : null,
    message.template ? el("p", { class: "quoted" }, `Template ${message.template}`) : null,
    foot,
    message.buttons.length > 0 ? buttons(message) : null,
    message.list ? list(message) : null,
  );
  return el("article", attributes, isMine ? null : avatar(name), body);
}

/** The lines of a text, as the lab has read its marks. */
function lines(all) {
  const drawn = all.map(({ kind, label, runs }) => {
    if (kind === "code") return el("pre", { class: "fence", tabindex: "0", "aria-label": "Code" }, el("code", {}, runs.map(({ text }) => text)));
    const words = runs.length > 0 ? runs.map(run) : "\u200b";
    if (kind === "quote") return el("blockquote", {}, words);
    const sign = kind === "bullet" ? "• " : kind === "number" ? `${label}. ` : "";
    return el("p", { class: `line ${kind}` }, sign, words);
  });
  return el("div", { class: "said formatted" }, drawn);
}

function run({ text, marks, url }) {
  const link = { href: url, rel: "noopener noreferrer nofollow", target: "_blank" };
  const words = isWeb(url ?? "") ? el("a", link, text) : text;
  return marks.reduceRight((inner, mark) => el(TAGS[mark], mark === "code" ? { class: "code" } : {}, inner), words);
}

function nameOf({ is_bot: isBot, author }) {
  return isBot ? "Miyabi" : (store.get("world")?.whatsapp.users[author]?.name ?? author);
}

function time({ timestamp }) {
  const language = store.get("world")?.whatsapp.users[where(choice.channel).who]?.language;
  return el("time", { datetime: timestamp }, new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(timestamp)));
}

function medium({ name, kind, size, text, picture, voice }) {
  if (picture) return el("img", { class: "photo", src: picture, alt: name ?? "A photo", width: "240" });
  const title = name ?? (voice ? "Voice message" : kind);
  const words = [el("span", { "aria-hidden": "true" }, voice ? "🎤 " : "▤ "), el("strong", {}, title), ` ${size} bytes`];
  if (!text || voice) return el("div", { class: "file" }, words);
  return el("div", { class: "file" }, words, el("pre", { tabindex: "0", "aria-label": `Content of ${title}` }, text.slice(0, 1200)));
}

function buttons(message) {
  const keys = message.buttons.map(({ id, title }) => {
    const attributes = { type: "button", "data-key": `press/${message.number}/${id}`, on: { click: () => press(message, id) } };
    return el("button", attributes, title);
  });
  return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, el("div", { class: "keys" }, keys));
}

/** A list, whose rows are shown when it is opened. */
function list(message) {
  const rows = () => message.list.sections.map((section) => {
    const items = section.rows.map(({ id, title, description }) => {
      const attributes = { type: "button", "data-key": `row/${message.number}/${id}`, on: { click: () => press(message, id) } };
      return el("li", {}, el("button", attributes, el("strong", {}, title), description ? el("small", {}, description) : null));
    });
    return el("section", {}, section.title ? el("h3", {}, section.title) : null, el("ul", {}, items));
  });
  const sheet = fold(`list/${message.number}`, message.list.button, () => el("div", {}, rows()));
  sheet.className = "rows";
  return sheet;
}

function replyTo(message) {
  replying = message;
  store.touch();
  byId("question")?.focus();
}

/** Shows what is replied to beside the composer. */
function drawReply(all) {
  if (replying && !all.some((one) => one.id === replying.id)) replying = null;
  const chip = byId("chip");
  chip.hidden = replying === null;
  chip.textContent = replying ? `↩ ${nameOf(replying)}` : "";
}

/** Commands that the number offers. */
export function commands() {
  const offered = store.get("whatsapp/automation")?.commands ?? UNREGISTERED;
  return offered.map((one) => ({ words: one.command_name, description: one.command_description, options: [] }));
}

/** No message is replied to any more. */
export function cancelReply() {
  replying = null;
  store.touch();
}

/** Has the asker write into the chosen chat. Throws the lab's sentence. */
export async function write(text) {
  const order = replying ? { text, reply_to: replying.id } : { text };
  replying = null;
  const { deliveries } = await deliver(order);
  const [attempt] = deliveries[0].attempts;
  return attempt?.status === 200 ? "" : `The Worker answered ${attempt?.status ?? attempt?.error ?? "nothing"}.`;
}

async function press(message, id) {
  const failed = (error) => (byId("hint").textContent = error.message);
  await deliver({ press: { message: message.id, id } }).catch(failed);
}

function deliver(order) {
  const { who, chat } = where(choice.channel);
  return send("POST", "/lab/whatsapp/messages", { ...order, as: who, in: chat });
}
