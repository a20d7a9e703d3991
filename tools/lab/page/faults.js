// The panel for faults: adds rules, blocks and chaos, and lists those that are active.

import { MODELS } from "./calls.js";
import { byId, el, replace, send } from "./dom.js";
import { store } from "./store.js";

const OPERATIONS = [
  ["execute_webhook", "Discord: post a message"],
  ["edit_original", "Discord: edit the reply"],
  ["follow_up", "Discord: add a follow-up"],
  ["delete_original", "Discord: remove the reply"],
  ["get_webhook", "Discord: look at the webhook"],
  ["create_webhook", "Discord: make a webhook"],
  ["channel_messages", "Discord: read the channel"],
  ...MODELS.map(([operation, name]) => [operation, `Model: ${name}`]),
  ["weather", "Open-Meteo: weather"],
];

/** The offered faults, as `POST /lab/faults` takes them. */
const WAYS = {
  429: ["429, wait 2 s", { status: 429, headers: { "retry-after": "2" }, body: { message: "You are being rate limited.", retry_after: 2, global: false } }],
  500: ["500, nothing happens", { status: 500 }],
  502: ["502, but it happened", { status: 502, effect: true }],
  before: ["cut before it happens", { drop: "before" }],
  after: ["cut after it happened", { drop: "after" }],
  slow: ["4 s slow", { delay_ms: 4000 }],
  busy: ["a model: busy", { model: { fails: "busy" } }],
  limit: ["a model: limit per minute", { model: { fails: "rate_limit", after_s: 3 } }],
  quota: ["a model: nothing left today", { model: { fails: "quota" } }],
  policy: ["a model: refuses the content", { model: { fails: "policy" } }],
  half: ["a model: breaks off half way", { model: { stream: { ends_after: 4 } } }],
};

function problem(error) {
  byId("fault-problem").textContent = error.message;
}

function call(method, path, body) {
  byId("fault-problem").textContent = "";
  send(method, path, body).catch(problem);
}

/** Makes the panel's controls once; only the list below them is drawn again. */
export function start() {
  const operation = el("select", { id: "fault-operation" }, OPERATIONS.map(([value, words]) => el("option", { value }, words)));
  const way = el("select", { id: "fault-way" }, Object.entries(WAYS).map(([value, [words]]) => el("option", { value }, words)));
  way.value = "500";
  const times = el("input", { id: "fault-times", type: "number", min: "1", max: "99", value: "1" });
  const add = () => {
    const [, then] = WAYS[way.value];
    call("POST", "/lab/faults", { match: { operation: operation.value }, times: Number(times.value) || 1, then });
  };
  const rule = form("Break a call", "Add", add, ["Which", operation], ["How", way], ["How often", times]);

  const status = el("select", { id: "block-status" }, ["429", "403"].map((value) => el("option", { value }, value)));
  const length = el("input", { id: "block-seconds", type: "number", min: "1", max: "600", value: "20" });
  const block = () => call("POST", "/lab/config", { blocked: { status: Number(status.value), for_ms: Number(length.value) * 1000 } });
  const blocked = form("Block all calls to Discord", "Block", block, ["Status", status], ["Seconds", length]);

  const rate = el("input", { id: "chaos-rate", type: "number", min: "1", max: "100", value: "30" });
  const seed = el("input", { id: "chaos-seed", type: "number", min: "0", value: "1" });
  const chaos = () => call("POST", "/lab/config", { chaos: { seed: Number(seed.value) || 0, rate: Number(rate.value) / 100 } });
  const chaotic = form("Chaos: break calls by chance", "Start", chaos, ["Percent", rate], ["Seed", seed]);

  const about = el("p", { class: "empty" }, "Set something, ask, and watch the timeline: what is repeated, what is told, and that nothing is posted twice.");
  const active = el("section", { id: "fault-list", "aria-label": "Active faults", "aria-live": "polite" });
  byId("faults").append(about, rule, blocked, chaotic, el("p", { id: "fault-problem", role: "alert", class: "problem" }), active);
}

function form(title, verb, action, ...fields) {
  const submit = (event) => {
    event.preventDefault();
    action();
  };
  const labels = fields.map(([words, input]) => el("label", {}, el("span", {}, words), input));
  return el("form", { class: "breaker", on: { submit } }, el("h3", {}, title), el("div", { class: "fault-fields" }, labels, el("button", { type: "submit" }, verb)));
}

/** Draws the list of active faults. */
export function drawFaults() {
  const rules = (store.get("faults") ?? []).map((rule) => {
    const left = rule.times - rule.fired;
    const words = `${rule.match.operation ?? "any call"}: ${describe(rule.then)}`;
    const state = left > 0 ? `${left} of ${rule.times} to come` : "done";
    return item(`fault/${rule.id}`, words, state, left > 0, () => call("DELETE", `/lab/faults/${rule.id}`));
  });
  const { blocked, chaos } = store.get("config") ?? {};
  if (blocked) {
    const words = `all calls to Discord: blocked with ${blocked.status}`;
    rules.push(item("blocked", words, blocked.for_ms ? `for ${blocked.for_ms / 1000} s` : "", true, () => call("POST", "/lab/config", { blocked: null })));
  }
  if (chaos) {
    rules.push(item("chaos", `chaos: ${Math.round(chaos.rate * 100)} % of calls`, `seed ${chaos.seed}`, true, () => call("POST", "/lab/config", { chaos: null })));
  }
  const none = rules.length === 0 ? el("p", { class: "empty" }, "Nothing is broken.") : null;
  replace(byId("fault-list"), el("h3", {}, "Active"), none ?? el("ul", {}, rules));
  const count = byId("fault-list").querySelectorAll("li[data-active]").length;
  const badge = byId("active");
  badge.textContent = count > 0 ? String(count) : "";
  badge.hidden = count === 0;
}

function describe(then) {
  const known = Object.values(WAYS).find(([, way]) => (way.status ?? null) === (then.status ?? null) && (way.drop ?? null) === (then.drop ?? null) && (way.delay_ms ?? null) === (then.delay_ms ?? null));
  return known ? known[0] : JSON.stringify(then);
}

function item(key, words, state, isActive, remove) {
  const button = el("button", { type: "button", class: "quiet", "data-key": key, "aria-label": `Remove: ${words}`, on: { click: remove } }, "Remove");
  return el("li", { "data-active": isActive, "data-fault": key }, el("span", {}, words), el("small", {}, state), button);
}
