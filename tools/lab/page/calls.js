// The calls of a job: which are its own, and what was said in each.

import { el, fold } from "./dom.js";
import { store } from "./store.js";

/** Clocks of two processes, and a write that is noted a moment late. */
const SLACK_MS = 30;
/** Calls to a model, by the operation, which is the vendor's name. */
export const MODELS = [
  ["ai_run", "Workers AI"],
  ["openai", "OpenAI"],
  ["anthropic", "Anthropic"],
  ["gemini", "Gemini"],
  ["groq", "Groq"],
  ["deepseek", "DeepSeek"],
  ["huggingface", "Hugging Face"],
  ["ollama", "Ollama"],
  ["vllm", "vLLM"],
];
/** Which steps make which calls. */
const MAKERS = [
  ...MODELS.map(([operation]) => [operation, /^think:/]),
  ["geocoding", /^tools:/],
  ["weather", /^tools:/],
  ["execute_webhook", /^(question|answer|settle):/],
  // An answer that is streamed grows while the model is asked.
  ["edit_original", /^(reply:|tell|think:|confirm$)/],
  ["follow_up", /^reply:/],
  ["delete_original", /^(clear|tell)/],
];

/** Every call so far. */
export function calls() {
  return store.list("call/").map(([, call]) => call);
}

/**
 * Calls of each step, and the rest that is surely the job's.
 * A call has no job written on it, unless it carries the interaction's token: what a step did is
 * what happened while it ran, by a kind of call that such a step makes.
 */
export function callsOf(id, question, steps) {
  const byStep = new Map(steps.map((step) => [step, []]));
  const rest = [];
  for (const call of calls()) {
    if (call.job && call.job !== id) continue;
    const running = call.operation === "interaction" ? [] : near(call, steps);
    const step = running.find((one) => isKind(call, one.name)) ?? (call.job ? running[0] : running.find((one) => one.name === "route" || /^(question|answer|settle|reply):|^confirm/.test(one.name)));
    const isOurs = call.job === id || (step && mentions(call, question));
    if (!isOurs) continue;
    if (step) byStep.get(step).push(call);
    else rest.push(call);
  }
  return { byStep, rest };
}

function isKind(call, name) {
  return MAKERS.some(([operation, steps]) => call.operation === operation && steps.test(name));
}

/** Steps that ran when the call was made, or nearly so; the nearest first. */
function near(call, steps) {
  const gap = ({ started_ms: begin, ended_ms: end }) => Math.max(begin - call.at_ms, call.at_ms - (end ?? Infinity), 0);
  const known = steps.map((step) => [Math.min(...step.attempts.map(gap)), step]);
  const found = known.filter(([distance]) => distance <= SLACK_MS);
  return found.sort(([one, first], [other, second]) => one - other || second.started_ms - first.started_ms).map(([, step]) => step);
}

/** Whether a call to the model is about this question; others are told apart by time alone. */
function mentions(call, question) {
  if (call.operation === "interaction") return false;
  if (!MODELS.some(([operation]) => operation === call.operation)) return true;
  return JSON.stringify(call.body).includes(JSON.stringify(question).slice(1, -1));
}

/** One call: a line, and all of it beneath. */
export function drawCall(call) {
  const words = [
    el("span", { class: "operation" }, call.operation),
    outcome(call),
    el("span", { class: "ms" }, call.took_ms === null ? "…" : `${call.took_ms} ms`),
    call.fault ? el("span", { class: "badge fault" }, "fault") : null,
    call.violations.length > 0 ? el("span", { class: "badge bad" }, `${call.violations.length} refused`) : null,
  ];
  const summary = el("span", { class: "call-line" }, words);
  return el("div", { class: "call" }, fold(`call/${call.seq}`, summary, () => details(call)));
}

function outcome(call) {
  if (!call.finished) return el("span", { class: "badge" }, "running");
  const status = call.status === null ? "cut" : String(call.status);
  const isGood = call.status !== null && call.status < 400;
  return el("span", { class: `badge ${isGood ? "good" : "bad"}` }, status);
}

function details(call) {
  const query = call.query ? `?${call.query}` : "";
  const parts = [
    el("p", { class: "address" }, `${call.method} ${call.path}${query}`),
    ...call.violations.map((what) => el("p", { class: "problem" }, what)),
    ...call.notes.map((what) => el("p", { class: "note" }, what)),
    call.fault ? json("Fault", call.fault) : null,
    json("Request", call.body),
    call.finished ? json("Response", call.response) : null,
  ];
  return el("div", { class: "details" }, parts);
}

/** JSON to read, with a name. */
export function json(name, value) {
  if (value === null || value === undefined || value === "") return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return el("div", {}, el("h4", {}, name), el("pre", { class: "json", tabindex: "0", "aria-label": name }, text));
}
