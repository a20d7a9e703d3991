// The composer: offers the commands after `/`, and a field for each option of the chosen one.

import { platformOf } from "./chats.js";
import { byId, el, send } from "./dom.js";
import { deliver } from "./menu.js";
import { choice, store } from "./store.js";

/** The command that is offered when none is registered with the lab. */
const UNREGISTERED = [
  {
    name: "ask",
    description: "Ask Miyabi a question",
    options: [
      { name: "question", description: "What do you want to know?", type: 3, required: true },
      { name: "private", description: "Only you see the question and the answer", type: 5 },
      { name: "model", description: "Which model answers first", type: 3, autocomplete: true },
      { name: "fresh", description: "Begin anew", type: 5 },
    ],
  },
  { name: "usage", description: "See what your questions have used and cost" },
];
const SUBCOMMAND = 1;
const STRING = 3;
const ATTACHMENT = 11;
const BOOLEAN = 5;
const NUMBERS = [4, 10];

let command = null;
let highlighted = 0;
let offered = [];

/** All commands that can be typed; each subcommand counts as one. */
function commands() {
  const platform = platformOf(choice.channel);
  if (platform) return platform.commands();
  const registered = (store.get("commands") ?? []).filter((known) => (known.type ?? 1) === 1);
  return (registered.length > 0 ? registered : UNREGISTERED).flatMap((known) => {
    const inner = (known.options ?? []).filter((option) => option.type === SUBCOMMAND);
    const one = (item, words, path) => ({ words, path, data: known, description: item.description, options: item.options ?? [] });
    return inner.length > 0 ? inner.map((item) => one(item, `${known.name} ${item.name}`, item.name)) : [one(known, known.name, null)];
  });
}

/** Starts the composer. */
export function start() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type=radio]), textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    reset("/");
  });
  reset("", false);
}

let place = null;

/** Begins anew when another place is chosen. */
export function follow() {
  if (place === choice.channel) return;
  place = choice.channel;
  reset("", false);
}

/** Empties the composer. */
function reset(text = "", focus = true) {
  command = null;
  const attributes = {
    id: "question",
    rows: "1",
    "aria-label": "Message",
    "aria-autocomplete": "list",
    "aria-controls": "commands",
    placeholder: platformOf(choice.channel) ? "Write a message" : "Type / to ask Miyabi, or say something",
    on: { input: offer, keydown: choose, blur: () => hide() },
  };
  const line = el("textarea", attributes);
  line.value = text;
  byId("chip").hidden = true;
  byId("fields").replaceChildren(line);
  if (focus) line.focus();
  offer();
}

function hide() {
  byId("commands").hidden = true;
  // There is no field while the fields are replaced.
  byId("question")?.removeAttribute("aria-activedescendant");
}

/** Shows the commands that begin with the typed text. */
function offer() {
  const line = byId("question");
  if (command || !line.value.startsWith("/")) return hide();
  const typed = line.value.slice(1).toLowerCase();
  const all = commands();
  if (platformOf(choice.channel) && typed.includes(" ")) return hide();
  // A command followed by a space is chosen already.
  const whole = all.find((known) => typed.startsWith(`${known.words} `));
  if (whole) return take(whole, line.value.slice(whole.words.length + 2).replace(/^question:\s*/, ""));
  offered = all.filter((known) => known.words.startsWith(typed));
  highlighted = Math.min(highlighted, Math.max(0, offered.length - 1));
  const items = offered.map((known, index) => {
    const attributes = {
      role: "option",
      id: `command-${index}`,
      "aria-selected": String(index === highlighted),
      // `mousedown` runs before the line loses the focus.
      on: { mousedown: (event) => (event.preventDefault(), take(known)) },
    };
    const options = known.options.map((option) => el("code", {}, option.name));
    return el("li", attributes, el("strong", {}, `/${known.words}`), " ", options, el("small", {}, known.description));
  });
  const list = byId("commands");
  list.replaceChildren(...(items.length > 0 ? items : [el("li", { class: "none" }, "No such command")]));
  list.hidden = false;
  if (items.length > 0) line.setAttribute("aria-activedescendant", `command-${highlighted}`);
}

function choose(event) {
  const isOpen = !byId("commands").hidden && offered.length > 0;
  if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    highlighted = (highlighted + step + offered.length) % offered.length;
    offer();
  } else if (isOpen && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
    take(offered[highlighted]);
  } else if (event.key === "Escape") {
    platformOf(choice.channel)?.cancelReply();
    reset();
  } else if (event.key === "Enter" && !event.shiftKey) {
    submit();
  } else {
    return;
  }
  event.preventDefault();
}

/** Chooses a command and shows a field for each of its options; on other platforms than Discord a command is a part of the text. */
function take(known, text = "") {
  if (platformOf(choice.channel)) return reset(`/${known.words} `);
  command = known;
  highlighted = 0;
  hide();
  const chip = byId("chip");
  chip.textContent = `/${known.words}`;
  chip.hidden = false;
  const fields = known.options.map((option, index) => field(option, index === 0 ? text : ""));
  // A command without options is sent with this line.
  const none = el("input", { id: "question", readonly: true, "aria-label": `/${known.words}, press Enter`, placeholder: "press Enter", on: { keydown } });
  byId("fields").replaceChildren(...(fields.length > 0 ? fields : [none]));
  const first = byId("question");
  first.focus();
  first.setSelectionRange?.(first.value.length, first.value.length);
  byId("hint").textContent = known.options[0]?.description ?? "";
}

function field(option, text) {
  const isFirst = option === command.options[0];
  const attributes = {
    id: isFirst ? "question" : `option-${option.name}`,
    "data-option": option.name,
    "aria-label": `${option.name}${option.required ? ", required" : ""}: ${option.description}`,
    maxlength: option.max_length ?? null,
    on: { keydown },
  };
  let input;
  if (option.choices || option.type === BOOLEAN) {
    const choices = option.choices ?? [{ name: "True", value: "true" }, { name: "False", value: "false" }];
    const items = choices.map((one) => el("option", { value: String(one.value) }, one.name));
    input = el("select", attributes, el("option", { value: "" }, ""), items);
  } else if (option.autocomplete) {
    const list = el("datalist", { id: `choices-${option.name}` });
    input = el("input", { ...attributes, list: list.id });
    input.addEventListener("input", () => complete(option.name, input.value, list));
    input.addEventListener("focus", () => complete(option.name, input.value, list), { once: true });
    return el("label", { class: "field" }, el("span", { class: "option", "aria-hidden": "true" }, `${option.name}:`), input, list);
  } else if (option.type === ATTACHMENT) {
    input = el("input", { ...attributes, type: "file" });
  } else if (option.type === STRING) {
    input = el("textarea", { ...attributes, rows: "1" });
    input.value = text;
    input.addEventListener("input", () => grow(input));
  } else {
    input = el("input", attributes);
  }
  return el("label", { class: isFirst ? "field wide" : "field" }, el("span", { class: "option", "aria-hidden": "true" }, `${option.name}:`), input);
}

/** Asks the Worker for completions. */
async function complete(option, value, list) {
  const order = { as: choice.asker, in: choice.channel, complete: { command: command.data.name, option, value } };
  const sent = await send("POST", "/lab/interactions", order).catch(() => null);
  const choices = sent?.ack?.data?.choices ?? [];
  list.replaceChildren(...choices.map((one) => el("option", { value: one.value }, one.name)));
}

function grow(line) {
  line.style.setProperty("height", "auto");
  line.style.setProperty("height", `${Math.min(line.scrollHeight, 180)}px`);
}

function keydown(event) {
  const isEmpty = event.target.id === "question" && event.target.value === "";
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit();
  else if (event.key === "Escape") reset();
  else if (event.key === "Backspace" && isEmpty) reset(`/${command.words}`);
  else return;
  event.preventDefault();
}

/** The options as Discord sends them. */
function values() {
  const filled = [];
  let file;
  for (const option of command.options) {
    const input = document.querySelector(`[data-option="${CSS.escape(option.name)}"]`);
    if (option.type === ATTACHMENT && input.files.length > 0) {
      file = input.files[0];
      continue;
    }
    const text = input.value.trim();
    if (text === "") {
      if (option.required) return { missing: option, input };
      continue;
    }
    const value = option.type === BOOLEAN ? text === "true" : NUMBERS.includes(option.type) ? Number(text) : text;
    filled.push({ name: option.name, type: option.type, value });
  }
  return { filled, file };
}

async function submit() {
  const hint = byId("hint");
  if (!command) return say(byId("question").value.trim());
  const { filled, file, missing, input } = values();
  if (missing) {
    hint.textContent = `${missing.name} is required.`;
    input.focus();
    return;
  }
  const { data, path } = command;
  const options = path ? [{ name: path, type: SUBCOMMAND, options: filled }] : filled;
  const interaction = { data: { name: data.name, type: 1, ...(options.length > 0 ? { options } : {}), ...(data.id ? { id: data.id } : {}) } };
  const order = file ? { interaction, file: await upload(file) } : { interaction };
  reset();
  byId("log").scrollTop = byId("log").scrollHeight;
  await deliver(order);
}

/** A chosen file as the lab takes it. */
async function upload(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name: file.name, hex, ...(file.type ? { kind: file.type } : {}) };
}

/** Writes into a chat of another platform, where every text is sent. */
async function write(platform, text) {
  if (text === "") return;
  reset();
  byId("log").scrollTop = byId("log").scrollHeight;
  const said = await platform.write(text).catch((error) => error.message);
  byId("hint").textContent = said;
}

/** Says something in the channel, which is no command. */
async function say(content) {
  const hint = byId("hint");
  hint.textContent = "";
  const platform = platformOf(choice.channel);
  if (platform) return write(platform, content);
  if (content === "" || content.startsWith("/")) {
    hint.textContent = "Type / and choose a command, or say something.";
    return;
  }
  reset();
  try {
    await send("POST", `/lab/channels/${choice.channel}/messages`, { as: choice.asker, content });
  } catch (error) {
    hint.textContent = error.message;
  }
}
