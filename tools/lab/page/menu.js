// The menu of a message, with the commands that are registered for it, its buttons and menus, and the form that one may open.

import { byId, el, send } from "./dom.js";
import { choice, store } from "./store.js";

/** The commands that are offered when none is registered with the lab. */
const UNREGISTERED = ["Ask Miyabi", "Translate", "Summarize"];
const ON_MESSAGE = 3;
const FORM = 9;
const LABEL = 18;
/** Menus: of options, and of channels. */
const OPTIONS = 3;
const CHANNELS = 8;
const ROW = 1;
/** Style of a button. */
const DANGER = 4;
const PARAGRAPH = 2;

/** Names of the commands. */
function commands() {
  const registered = (store.get("commands") ?? []).filter((known) => known.type === ON_MESSAGE);
  return registered.length > 0 ? registered.map((known) => known.name) : UNREGISTERED;
}

/** The button that opens the menu of a message. */
export function menuOf(message) {
  const list = el("div", { class: "menu", role: "menu", "aria-label": "Apps", hidden: true });
  const button = el("button", { type: "button", class: "apps", "aria-label": "Apps for this message", "aria-haspopup": "menu", "aria-expanded": "false" }, "⋯");
  const show = (isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
  };
  const item = (name) => el("button", { type: "button", role: "menuitem", on: { click: () => (show(false), use(name, message)) } }, name);
  button.addEventListener("click", () => {
    show(list.hidden);
    list.replaceChildren(...commands().map(item));
    if (!list.hidden) list.firstChild?.focus();
  });
  const keydown = (event) => {
    if (list.hidden) return;
    const items = [...list.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") {
      show(false);
      button.focus();
    } else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items.at(at < 1 ? -1 : at - 1)?.focus();
    else if (event.key === "Home") items.at(0)?.focus();
    else if (event.key === "End") items.at(-1)?.focus();
    else return;
    event.preventDefault();
  };
  const leave = ({ relatedTarget }) => {
    if (relatedTarget && !list.parentElement.contains(relatedTarget)) show(false);
  };
  return el("div", { class: "apps-of", on: { keydown, focusout: leave } }, button, list);
}

/** Delivers an interaction as the chosen asker, and says what is wrong with it. */
export async function deliver(order) {
  const hint = byId("hint");
  hint.textContent = "";
  choice.job = null;
  try {
    const sent = await send("POST", "/lab/interactions", { as: choice.asker, in: choice.channel, ...order });
    if (sent.error) hint.textContent = sent.error;
    else if (sent.violations.length > 0) hint.textContent = `Discord would refuse: ${sent.violations.join("; ")}`;
    return sent;
  } catch (error) {
    hint.textContent = error.message;
    return null;
  }
}

/** The buttons and menus of a message. */
export function buttonsOf(message) {
  const rows = (message.components ?? []).filter((part) => part.type === ROW);
  return rows.map((row) => el("p", { class: "buttons" }, row.components.map((part) => (part.type === OPTIONS || part.type === CHANNELS ? select(part, message) : button(part, message)))));
}

function button({ custom_id: id, label, style, disabled, url }, message) {
  if (url) return el("a", { href: url, rel: "noreferrer" }, label);
  const click = () => act({ press: { message: message.id, custom_id: id } });
  return el("button", { type: "button", class: style === DANGER ? "danger" : "quiet", "data-custom-id": id, disabled, on: { click } }, label);
}

/** A menu; what is chosen in it is sent when it is left. */
function select(part, message) {
  const { custom_id: id, placeholder, disabled, max_values: most } = part;
  const chosen = new Set((part.default_values ?? []).map((value) => value.id));
  const offered = part.type === OPTIONS ? part.options : channelsOf(part);
  const options = offered.map(({ value, label, default: isChosen }) => el("option", { value, selected: isChosen || chosen.has(value) }, label));
  const menu = el("select", { "aria-label": placeholder, title: placeholder, "data-custom-id": id, disabled, multiple: (most ?? 1) > 1, size: (most ?? 1) > 1 ? Math.min(options.length, 5) : null }, options);
  const before = values(menu).join();
  const send = () => {
    if (values(menu).join() !== before) act({ press: { message: message.id, custom_id: id, values: values(menu) } });
  };
  menu.addEventListener(menu.multiple ? "blur" : "change", send);
  return el("label", { class: "select" }, el("span", {}, placeholder), menu);
}

function values(menu) {
  return [...menu.selectedOptions].map((option) => option.value);
}

/** The channels of the server that a menu offers. */
function channelsOf({ channel_types: types }) {
  const known = Object.entries(store.get("world")?.channels ?? {});
  return known.filter(([, channel]) => types?.includes(channel.type) ?? true).map(([name, channel]) => ({ value: channel.id, label: `#${name}` }));
}

function use(command, message) {
  return act({ on: { command, message: message.id } });
}

async function act(order) {
  const sent = await deliver(order);
  if (sent?.ack?.type === FORM) open(sent.id, sent.ack.data);
}

/** Shows a form. */
function open(of, { title, components }) {
  const labels = components.filter((part) => part.type === LABEL);
  const fields = labels.map(({ label, component: { custom_id: name, style, placeholder, max_length, required, value } }) => {
    const attributes = { "data-field": name, placeholder, maxlength: max_length, required: required ?? true };
    const input = el(style === PARAGRAPH ? "textarea" : "input", attributes);
    input.value = value ?? "";
    return el("label", { class: "form-field" }, el("span", {}, label), input);
  });
  const cancel = () => dialog.close();
  const submit = (event) => {
    event.preventDefault();
    const inputs = [...dialog.querySelectorAll("[data-field]")];
    const values = Object.fromEntries(inputs.map((input) => [input.dataset.field, input.value.trim()]));
    dialog.close();
    deliver({ form: { of, values } });
  };
  const buttons = el("p", { class: "form-buttons" }, el("button", { type: "button", class: "quiet", on: { click: cancel } }, "Cancel"), " ", el("button", { type: "submit" }, "Submit"));
  const form = el("form", { on: { submit } }, el("h2", {}, title), fields, buttons);
  const dialog = el("dialog", { class: "form", "aria-label": title, on: { close: () => dialog.remove() } }, form);
  document.body.append(dialog);
  dialog.showModal();
}
