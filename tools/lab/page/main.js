// The page: starts its parts and draws them again when anything changes.

import { drawChannel, drawPlaces, labelOf } from "./channel.js";
import { platformOf } from "./chats.js";
import * as composer from "./composer.js";
import { byId } from "./dom.js";
import * as faults from "./faults.js";
import { choice, store } from "./store.js";
import * as theme from "./theme.js";
import { drawTimeline } from "./timeline.js";

const TABS = ["timeline", "faults"];

/** Shows one panel; the arrow keys move between the tabs. */
function select(name, focus) {
  for (const tab of TABS) {
    const button = byId(`tab-${tab}`);
    button.setAttribute("aria-selected", String(tab === name));
    button.tabIndex = tab === name ? 0 : -1;
    byId(tab).hidden = tab !== name;
  }
  if (focus) byId(`tab-${name}`).focus();
}

function startTabs() {
  for (const tab of TABS) {
    const button = byId(`tab-${tab}`);
    button.addEventListener("click", () => select(tab));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      event.preventDefault();
      select(TABS[1 - TABS.indexOf(tab)], true);
    });
  }
}

/** Draws the state of the connection to the lab and of the Worker. */
function drawStatus() {
  const live = { live: "● live", lost: "○ lost; trying again", connecting: "○ connecting…" };
  say(byId("live"), live[store.state], store.state);
  const worker = store.get("worker");
  const words = { ready: "Worker runs", building: "building…", starting: "starting…", broken: "build failed" };
  say(byId("worker"), worker ? (words[worker.state] ?? "") : "no Worker told", worker?.state ?? "none");
  const banner = byId("banner");
  const message = worker?.message ?? "";
  if (banner.textContent === message) return;
  banner.replaceChildren();
  if (message) {
    const pre = document.createElement("pre");
    pre.textContent = message;
    pre.tabIndex = 0;
    banner.append(pre);
  }
}

function say(element, words, state) {
  if (element.textContent !== words) element.textContent = words;
  element.dataset.state = state;
}

function draw() {
  if (!store.get("world")) return drawStatus();
  if (!platformOf(choice.channel) && !(choice.channel in store.get("world").channels)) choice.channel = "general";
  if (!(choice.asker in store.get("world").users)) choice.asker = "mio";
  document.title = `${labelOf(choice.channel)[1]} · Miyabi's lab`;
  drawStatus();
  drawPlaces();
  composer.follow();
  drawChannel();
  drawTimeline();
  drawFaults();
}

const { drawFaults } = faults;
theme.start();
startTabs();
faults.start();
composer.start();
store.watch(draw);
store.connect();
window.addEventListener("pagehide", () => store.disconnect());
window.addEventListener("pageshow", (event) => event.persisted && store.connect());
