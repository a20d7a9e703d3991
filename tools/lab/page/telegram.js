// Telegram: its chats, what the bot writes into them, and what the chosen asker writes.

import { avatar, byId, el, isWeb, send } from "./dom.js";
import { formatted } from "./formatted.js";
import { drawLog } from "./log.js";
import { choice, store } from "./store.js";

export const NAME = "telegram";
const PREFIX = "telegram:";
const CHATS = {
  private: ["✈", "Miyabi", "A private chat with the bot, which previews its answer."],
  group: ["✈", "Friends", "A group: the bot sees commands, mentions of it and replies to it."],
  "forum/questions": ["✈", "Forum › questions", "A topic of a supergroup."],
};
const ACTIONS = { typing: "is typing…", upload_document: "sends a file…", upload_photo: "sends a photo…" };
/** The message that the next one replies to, if there is one. */
let replying = null;

/** Places of the list, by which a chat is chosen. */
export const PLACES = Object.keys(CHATS).map((name) => PREFIX + name);

/** The sign, the name and the description of a chat. */
export function labelOf(place) {
  return CHATS[place.slice(PREFIX.length)];
}

/** The lab's name of a chat, and the topic. */
function where(place) {
  const [chat, topic] = place.slice(PREFIX.length).split("/");
  return { chat: chat === "private" ? choice.asker : chat, topic: topic ?? null };
}

/** Messages of a chat. */
export function messages(place) {
  const { chat, topic } = where(place);
  const all = store.list(`telegram/message/${chat}/`).map(([, message]) => message);
  return all.filter((message) => message.topic === topic);
}

/** Values that are shown until a time; the page is drawn again when that is over. */
function current(prefix, chat) {
  const now = Date.now();
  const all = store.list(prefix).map(([, value]) => value);
  const shown = all.filter((value) => value.chat === chat && value.until_ms > now);
  const next = Math.min(...shown.map((value) => value.until_ms));
  if (shown.length > 0) setTimeout(() => store.touch(), next - now + 20);
  return shown;
}

/** Draws the chosen chat. */
export function drawChat() {
  const { chat, topic } = where(choice.channel);
  const all = messages(choice.channel);
  const [, , about] = labelOf(choice.channel);
  const doing = current("telegram/action/", chat).find((one) => one.topic === null || topic !== null);
  byId("about").textContent = doing ? `Miyabi ${ACTIONS[doing.action] ?? "is busy…"}` : about;
  const wanted = all.map((message) => ({
    key: `telegram/${chat}/${message.id}`,
    print: JSON.stringify([message, choice.asker]),
    make: () => bubble(message, all),
  }));
  for (const draft of current("telegram/draft/", chat)) {
    wanted.push({ key: `telegram/draft/${chat}/${draft.id}`, print: JSON.stringify(draft), make: () => preview(draft) });
  }
  const notice = store.list("telegram/query/").at(-1)?.[1];
  if (notice?.to === choice.asker && notice.answer.text) {
    const make = () => el("p", { class: "notice", role: "status" }, notice.answer.text);
    wanted.push({ key: "telegram/notice", print: notice.answer.text, make });
  }
  if (wanted.length === 0) wanted.push({ key: `telegram/welcome/${chat}`, print: chat, make: welcome });
  drawLog(wanted);
  drawReply(all);
}

function welcome() {
  const words = choice.channel === `${PREFIX}private` ? "Write something: every text is a question." : "Begin with /ask, mention @miyabi_lab_bot, or reply to what it has said.";
  return el("div", { class: "welcome" }, el("h2", {}, labelOf(choice.channel)[1]), el("p", {}, words));
}

function bubble(message, all) {
  const isMine = message.author === choice.asker;
  const name = nameOf(message);
  const attributes = { class: `bubble ${isMine ? "mine" : ""}`, "data-id": String(message.id), "data-author": name };
  const head = el("header", {}, el("span", { class: "author" }, name), message.is_bot ? el("span", { class: "tag" }, "BOT") : null);
  const answered = all.find((one) => one.id === message.reply_to);
  const reply = { type: "button", class: "quiet reply", "aria-label": `Reply to ${name}`, on: { click: () => replyTo(message) } };
  const foot = el("footer", {}, message.reactions.map((one) => el("span", { class: "reaction" }, one)), el("span", {}, message.edited ? "edited " : "", time(message)), el("button", reply, "Reply"));
  const body = el(
    "div",
    { class: "cloud" },
    head,
    answered ? el("p", { class: "quoted" }, el("strong", {}, nameOf(answered)), " ", (answered.text || "a file").slice(0, 80)) : null,
    message.medium ? medium(message.medium) : null,
    message.text ? formatted(message.text, message.entities) : null,
    foot,
    message.keyboard ? keyboard(message) : null,
  );
  return el("article", attributes, isMine ? null : avatar(name), body);
}

function nameOf({ is_bot: isBot, author }) {
  return isBot ? "Miyabi" : (store.get("world")?.telegram.users[author]?.first_name ?? author);
}

function time({ timestamp }) {
  const language = store.get("world")?.telegram.users[choice.asker]?.language_code;
  return el("time", { datetime: timestamp }, new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(timestamp)));
}

function medium({ kind, name, size, text, picture }) {
  if (picture) return el("img", { class: "photo", src: picture, alt: "A photo", width: "240" });
  const words = [el("span", { "aria-hidden": "true" }, "▤ "), el("strong", {}, name ?? kind), ` ${size} bytes`];
  if (!text) return el("div", { class: "file" }, words);
  return el("div", { class: "file" }, words, el("pre", { tabindex: "0", "aria-label": `Content of ${name ?? kind}` }, text.slice(0, 1200)));
}

function keyboard(message) {
  const rows = message.keyboard.map((row) => {
    const buttons = row.map((button) => {
      if (isWeb(button.url ?? "")) return el("a", { href: button.url, rel: "noopener noreferrer nofollow", target: "_blank" }, button.text);
      const key = `press/${message.id}/${button.callback_data}`;
      return el("button", { type: "button", "data-key": key, on: { click: () => press(message, button.callback_data) } }, button.text);
    });
    return el("div", { class: "keys" }, buttons);
  });
  return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows);
}

/** What the bot is about to say; nobody is told of each of its words. */
function preview({ text, entities, is_thinking: isThinking }) {
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  const said = isThinking ? el("p", { class: "thinking" }, dots, ` ${text}`) : formatted(text, entities);
  const head = el("header", {}, el("span", { class: "author" }, "Miyabi"), el("span", { class: "tag" }, "DRAFT"));
  return el("article", { class: "bubble draft", "aria-live": "off" }, avatar("Miyabi"), el("div", { class: "cloud" }, head, said));
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

/** Commands of the chat's menu, in the language of the asker. */
export function commands() {
  const language = store.get("world")?.telegram.users[choice.asker]?.language_code ?? "";
  const menu = store.get(`telegram/commands/default/${language}`) ?? store.get("telegram/commands/default/") ?? [{ command: "ask", description: "Ask Miyabi a question" }];
  return menu.map(({ command, description }) => ({ words: command, description, options: [] }));
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
  const sent = await deliver(order);
  if (sent.updates.length === 0) return "The bot does not see this: it is no command, no mention and no reply to it.";
  const [attempt] = sent.updates[0].attempts;
  return attempt?.status === 200 ? "" : `The Worker answered ${attempt?.status ?? attempt?.error ?? "nothing"}.`;
}

async function press(message, data) {
  const failed = (error) => (byId("hint").textContent = error.message);
  await deliver({ press: { message: message.id, data } }).catch(failed);
}

function deliver(order) {
  const { chat, topic } = where(choice.channel);
  return send("POST", "/lab/telegram/updates", { ...order, as: choice.asker, in: chat, ...(topic ? { topic } : {}) });
}
