// Slack: its channels, what the app writes into them, and what the chosen asker writes.

import { avatar, byId, el, isWeb, send } from "./dom.js";
import { drawLog } from "./log.js";
import { rendered } from "./rendered.js";
import { mrkdwn } from "./slack-text.js";
import { choice, store } from "./store.js";

export const NAME = "slack";
const PREFIX = "slack:";
const CHANNELS = {
  dm: ["@", "Miyabi", "A direct message with the app: every text is a question."],
  general: ["#", "general", "A channel with the app: it answers where it is mentioned, in a thread."],
  random: ["#", "random", "A channel without the app: only commands reach it."],
};
const COMMANDS = [
  { words: "ask", description: "Ask Miyabi a question", options: [] },
  { words: "miyabi", description: "help, new, imagine, status, cancel, usage, memory, link, privacy, or a question", options: [] },
];
/** Shortcut of a message. */
const ABOUT = "ask_about";
/** The root of the thread in which the next message is, if there is one. */
let replying = null;

/** Places of the list, by which a channel is chosen. */
export const PLACES = Object.keys(CHANNELS).map((name) => PREFIX + name);

/** The sign, the name and the description of a channel. */
export function labelOf(place) {
  return CHANNELS[place.slice(PREFIX.length)];
}

/** The lab's name of a channel. */
function channelOf(place) {
  const name = place.slice(PREFIX.length);
  return name === "dm" ? `dm:${choice.asker}` : name;
}

/** Messages of a channel, with an id as those of other platforms have one. */
export function messages(place) {
  return store.list(`slack/message/${channelOf(place)}/`).map(([id, message]) => ({ ...message, id }));
}

/** Messages with each thread below its root; what only the asker sees is where it was said. */
function inOrder(all, whispers) {
  const everything = [...all, ...whispers].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  const roots = everything.filter((one) => !one.thread_ts);
  const known = new Set(roots.map(({ ts }) => ts));
  const lost = everything.filter((one) => one.thread_ts && !known.has(one.thread_ts));
  return [...roots.flatMap((root) => [root, ...everything.filter((one) => one.thread_ts === root.ts)]), ...lost];
}

/** What the app is seen to be doing; the page is drawn again when that is over. */
function statuses(channel) {
  const now = Date.now();
  const shown = store.list(`slack/status/${channel}/`).map(([, value]) => value).filter((value) => value.until_ms > now);
  const next = Math.min(...shown.map((value) => value.until_ms));
  if (shown.length > 0) setTimeout(() => store.touch(), next - now + 20);
  return shown;
}

/** Draws the chosen channel. */
export function drawChat() {
  const channel = channelOf(choice.channel);
  byId("about").textContent = labelOf(choice.channel)[2];
  const whispers = store.list(`slack/ephemeral/${channel}/`).map(([, one]) => one).filter((one) => one.to === choice.asker);
  const all = messages(choice.channel);
  const wanted = inOrder(all, whispers).map((message) => ({
    key: `slack/${channel}/${message.ts}`,
    print: JSON.stringify([message, choice.asker]),
    make: () => entry(message),
  }));
  for (const status of statuses(channel)) {
    const at = wanted.findLastIndex(({ print }) => print.includes(`"${status.thread_ts}"`));
    const line = { key: `slack/status/${channel}/${status.thread_ts}`, print: JSON.stringify(status), make: () => doing(status) };
    wanted.splice(at + 1, 0, line);
  }
  const view = store.get(`slack/window/${choice.asker}`);
  if (view) wanted.push({ key: `slack/window/${view.id}`, print: JSON.stringify(view), make: () => form(view) });
  if (wanted.length === 0) wanted.push({ key: `slack/welcome/${channel}`, print: channel, make: welcome });
  drawLog(wanted);
  drawReply(all);
}

/** The window that the asker sees: one field. */
function form(view) {
  const [block] = view.blocks;
  const field = el("textarea", { "aria-label": block.label.text, placeholder: block.element.placeholder?.text ?? "", rows: "3" });
  const wrong = Object.values(view.errors ?? {}).map((words) => el("p", { role: "alert" }, words));
  const submit = (event) => {
    event.preventDefault();
    act({ submit: { text: field.value } });
  };
  return el("form", { class: "message", "aria-label": view.title.text, on: { submit } }, el("div", { class: "body" }, el("strong", {}, view.title.text), el("p", {}, block.label.text), field, wrong, el("button", { class: "action" }, view.submit.text)));
}

function welcome() {
  const isDirect = choice.channel === `${PREFIX}dm`;
  const words = isDirect ? "Write something: every text is a question." : "Mention @miyabi, or type /ask.";
  return el("div", { class: "welcome" }, el("h2", {}, labelOf(choice.channel)[1]), el("p", {}, words));
}

function nameOf(message) {
  if (message.to) return message.by === "slack" ? "Slackbot" : "Miyabi";
  return message.is_bot ? "Miyabi" : (store.get("world")?.slack.users[message.author]?.real_name ?? message.author);
}

function entry(message) {
  const name = nameOf(message);
  const isApp = message.is_bot || message.to;
  const head = el(
    "header",
    {},
    el("span", { class: "author" }, name),
    isApp ? el("span", { class: "tag" }, "APP") : null,
    message.timestamp ? stamp(message.timestamp) : null,
    message.edited ? el("span", { class: "edited" }, "(edited)") : null,
    message.streaming === "in_progress" ? el("span", { class: "edited" }, "writes…") : null,
  );
  const kinds = [message.thread_ts ? "reply-of" : "", message.to ? "private" : "", message.streaming === "in_progress" ? "growing" : ""];
  const attributes = { class: `message ${kinds.join(" ")}`, "data-id": message.ts, "data-author": name };
  const body = el("div", { class: "body" }, head, said(message), (message.files ?? []).map(file), message.to ? el("p", { class: "only" }, "Only visible to you") : tools(message, name));
  return el("article", attributes, avatar(name), body);
}

function said(message) {
  if (message.kind === "deleted") return el("p", { class: "thinking" }, "This message was deleted.");
  if (message.kind === "command") return el("p", { class: "used" }, "used ", el("span", { class: "pill" }, message.text));
  const drawn = message.blocks.filter(({ type }) => type !== "rich_text").map((block) => draw(block, message));
  return drawn.length > 0 ? drawn : message.text ? mrkdwn(message.text) : null;
}

/** One block. */
function draw(block, message) {
  switch (block.type) {
    case "markdown":
      return rendered(block.text);
    case "section":
      return el("div", { class: "section" }, [block.text, ...(block.fields ?? [])].filter(Boolean).map(words), block.accessory ? button(block.accessory, block, message) : null);
    case "context":
      return el("div", { class: "context" }, block.elements.map((one) => (one.type === "image" ? picture(one) : words(one))));
    case "header":
      return el("p", { class: "heading h2", role: "heading", "aria-level": "2" }, block.text.text);
    case "divider":
      return el("hr", {});
    case "image":
      return picture(block);
    case "task_card":
      return el("p", { class: "context" }, el("span", { "aria-hidden": "true" }, "▸ "), `${block.title} (${block.status.replace("_", " ")})`);
    case "actions":
      return el("div", { class: "actions", role: "group", "aria-label": "Buttons" }, block.elements.map((one) => button(one, block, message)));
    default:
      return null;
  }
}

function words(text) {
  return text.type === "mrkdwn" ? mrkdwn(text.text) : el("div", { class: "said formatted" }, text.text);
}

/** The page loads nothing from elsewhere. */
function picture({ alt_text: alt }) {
  return el("p", { class: "context" }, el("span", { "aria-hidden": "true" }, "▣ "), alt);
}

function button(one, block, message) {
  const attributes = { type: "button", class: `action ${one.style ?? ""}`, "aria-label": one.accessibility_label ?? null, "data-key": `press/${message.ts}/${one.action_id}` };
  const press = { message: message.ts, action_id: one.action_id, block_id: block.block_id };
  if (isWeb(one.url ?? "")) return el("a", { href: one.url, rel: "noopener noreferrer nofollow", target: "_blank", class: "action" }, one.text.text);
  return el("button", { ...attributes, on: { click: () => act({ press }) } }, one.text.text);
}

/** What can be done with a message. */
function tools(message, name) {
  if (message.kind !== "message") return null;
  const reply = { type: "button", class: "quiet", "aria-label": `Reply to ${name} in a thread`, on: { click: () => replyTo(message) } };
  const about = { type: "button", class: "quiet", "aria-label": `Ask Miyabi about what ${name} says`, on: { click: () => act({ shortcut: { callback_id: ABOUT, message: message.ts } }) } };
  return el("div", { class: "tools" }, el("button", reply, "Reply"), el("button", about, "Ask Miyabi"));
}

function file({ name, size, text, picture: source }) {
  const head = el("div", { class: "file-head" }, el("span", { "aria-hidden": "true" }, "▤ "), el("strong", {}, name), el("span", {}, ` ${size} bytes`));
  if (source) return el("div", { class: "file" }, head, el("img", { src: source, alt: name, width: "192" }));
  if (!text) return el("div", { class: "file" }, head);
  return el("div", { class: "file" }, head, el("pre", { tabindex: "0", "aria-label": `Content of ${name}` }, text.slice(0, 1200)));
}

function stamp(timestamp) {
  const language = store.get("world")?.slack.users[choice.asker]?.locale;
  return el("time", { datetime: timestamp }, new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(timestamp)));
}

/** What the app does in a thread; nobody is told each time it changes. */
function doing({ status, thread_ts: thread }) {
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  const isReply = choice.channel !== `${PREFIX}dm` || thread;
  return el("p", { class: `thinking doing ${isReply ? "reply-of" : ""}`, "aria-live": "off" }, dots, ` Miyabi ${status}`);
}

function replyTo(message) {
  replying = { ...message, ts: message.thread_ts ?? message.ts };
  store.touch();
  byId("question")?.focus();
}

/** Shows the thread beside the composer. */
function drawReply(all) {
  if (replying && !all.some((one) => one.ts === replying.ts)) replying = null;
  const chip = byId("chip");
  chip.hidden = replying === null;
  chip.textContent = replying ? "↳ in the thread" : "";
}

/** The commands, which are the same everywhere. */
export function commands() {
  return COMMANDS;
}

/** The next message is in no thread any more. */
export function cancelReply() {
  replying = null;
  store.touch();
}

/** Has the asker write into the chosen channel. Throws the lab's sentence. */
export async function write(text) {
  const [first, ...rest] = text.split(" ");
  const isCommand = COMMANDS.some(({ words: known }) => first === `/${known}`);
  const order = isCommand ? { command: first, text: rest.join(" ") } : { text };
  if (replying && !isCommand) order.thread = replying.ts;
  replying = null;
  const { deliveries } = await deliver(order);
  if (deliveries.length === 0) return "The app does not see this: it is not in the channel.";
  const [attempt] = deliveries[0].attempts;
  return attempt?.status === 200 ? "" : `The Worker answered ${attempt?.status ?? attempt?.error ?? "nothing"}.`;
}

async function act(order) {
  await deliver(order).catch((error) => (byId("hint").textContent = error.message));
}

function deliver(order) {
  return send("POST", "/lab/slack/events", { ...order, as: choice.asker, in: channelOf(choice.channel) });
}
