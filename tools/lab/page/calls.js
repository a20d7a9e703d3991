// Finds the calls of a job and draws each with its request and response.

import { el, fold } from "./dom.js";
import { store } from "./store.js";

/** Tolerance for the clocks of two processes, and for rows that are written late. */
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
/** Operations, with the names of the steps that make such calls. */
const MAKERS = [
  ...MODELS.map(([operation]) => [operation, /^think:/]),
  ["geocoding", /^tools:/],
  ["weather", /^tools:/],
  ["execute_webhook", /^(question|answer|settle):/],
  // A streamed answer is edited while the model runs.
  ["edit_original", /^(reply:|tell|think:|confirm$)/],
  ["follow_up", /^reply:/],
  ["telegram_send_message", /^(question|answer|settle|reply|tell)/],
  ["telegram_send_document", /^(answer|reply)/],
  ["telegram_send_message_draft", /^(think:|tools:|tell|confirm$)/],
  ["telegram_send_chat_action", /^(think:|tools:)/],
  ["slack_post_message", /^(question|answer|settle|reply|tell)/],
  ["slack_complete_upload", /^(answer|reply)/],
  ["slack_start_stream", /^(think:|tools:|tell|confirm$)/],
  ["slack_append_stream", /^(think:|tools:|tell|confirm$)/],
  ["slack_update", /^(think:|tools:|answer|reply|tell|confirm$)/],
  ["slack_set_status", /^(think:|tools:)/],
  ["whatsapp_messages", /^(think:|tools:|question|answer|settle|reply|tell|remind)/],
  ["whatsapp_upload", /^(answer|reply)/],
  ["delete_original", /^(clear|tell)/],
];

/** Requests to the Worker, which are no calls of a step. */
const DELIVERIES = ["interaction", "slack_event", "telegram_update", "whatsapp_webhook"];

/** All calls so far. */
export function calls() {
  return store.list("call/").map(([, call]) => call);
}

/**
 * Calls of each step, and other calls that certainly belong to the job.
 * A call does not say which job it belongs to, unless it carries the interaction's token. It is
 * therefore assigned to a step that ran at that time and makes calls of that operation.
 */
export function callsOf(id, question, steps) {
  const byStep = new Map(steps.map((step) => [step, []]));
  const rest = [];
  for (const call of calls()) {
    if (call.job && call.job !== id) continue;
    const running = DELIVERIES.includes(call.operation) ? [] : near(call, steps);
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

/** Steps that ran when the call was made, within the tolerance; the nearest first. */
function near(call, steps) {
  const gap = ({ started_ms: begin, ended_ms: end }) => Math.max(begin - call.at_ms, call.at_ms - (end ?? Infinity), 0);
  const known = steps.map((step) => [Math.min(...step.attempts.map(gap)), step]);
  const found = known.filter(([distance]) => distance <= SLACK_MS);
  return found.sort(([one, first], [other, second]) => one - other || second.started_ms - first.started_ms).map(([, step]) => step);
}

/** Whether a call to a model contains this question; true for any other operation. */
function mentions(call, question) {
  if (DELIVERIES.includes(call.operation)) return false;
  if (!MODELS.some(([operation]) => operation === call.operation)) return true;
  return JSON.stringify(call.body).includes(JSON.stringify(question).slice(1, -1));
}

/** One call: a summary line, with the details folded under it. */
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

/** A JSON value with a title. */
export function json(name, value) {
  if (value === null || value === undefined || value === "") return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return el("div", {}, el("h4", {}, name), el("pre", { class: "json", tabindex: "0", "aria-label": name }, text));
}
