// Draws the timeline of a job: the steps of its Workflow and their calls, the row, the log, the cost.

import { calls, callsOf, drawCall, json } from "./calls.js";
import { byId, el, fold, replace } from "./dom.js";
import { choice, nameOf, store } from "./store.js";

/** US dollars for a thousand neurons: Cloudflare Docs, Workers AI pricing. */
const DOLLARS = 0.011;
/** Kind of interaction: a button or a menu. */
const PRESS = 3;
/** Longest list of jobs. */
const JOBS = 30;

/** Time between redraws of the bars while a step runs. */
const REDRAW_MS = 500;
let redraw = null;

/** The text of a command's options, or the command's name if no option has a text. */
function questionOf(known) {
  const options = (known.options ?? []).filter((option) => typeof option.value !== "boolean");
  return options.map((option) => String(option.value ?? option.name)).join(" ") || `/${known.command}`;
}

/** Draws the panel. */
export function drawTimeline() {
  const asked = store.list("interaction/").map(([, known]) => known).filter((known) => known.command);
  const jobs = [...asked, ...elsewhere()].sort((one, other) => one.at_ms - other.at_ms);
  const panel = byId("timeline");
  if (jobs.length === 0) {
    replace(panel, el("p", { class: "empty" }, "Ask something: its steps, its calls and its row appear here."));
    return;
  }
  const chosen = jobs.find((known) => known.id === choice.job) ?? newest(jobs);
  const latest = jobs.slice(-JOBS).reverse();
  replace(panel, list(latest, chosen), job(chosen));
}

/** Jobs of Telegram, Slack and WhatsApp, which began with no interaction; their rows tell of them. */
function elsewhere() {
  const all = store.list("job/").filter(([, { row }]) => ["slack", "telegram", "whatsapp"].includes(row?.platform));
  return all.map(([id, { row, instances }]) => {
    const started = (instances ?? []).flatMap(({ steps }) => steps.map((step) => step.started_ms));
    // The row does not tell the question.
    return { id, question: "", command: "ask", as: personOf(row.asker), options: [], at_ms: Math.min(row.created_at * 1000 + 999, ...started) };
  });
}

function personOf(asker) {
  const { telegram, slack, whatsapp } = store.get("world") ?? {};
  const users = [telegram, slack, whatsapp].flatMap((platform) => Object.entries(platform?.users ?? {}));
  const idOf = (user) => user.id ?? user.user_id ?? user.wa_id;
  return users.find(([, user]) => String(asker).endsWith(String(idOf(user))))?.[0];
}

/** The newest one; a button that was answered at once is of the job that goes on. */
function newest(jobs) {
  const isJob = (known) => known.kind !== PRESS || store.get(`job/${known.id}`)?.row;
  return jobs.findLast(isJob) ?? jobs.at(-1);
}

function list(jobs, chosen) {
  const pick = (event) => {
    choice.job = event.target.value;
    store.touch();
  };
  const options = jobs.map((known) => {
    const user = store.get("world")?.users[known.as] ?? {};
    const words = `${statusOf(known.id)} · ${nameOf(user)}: ${questionOf(known).slice(0, 60)}`;
    return el("option", { value: known.id, selected: known.id === chosen.id }, words);
  });
  return el("label", { class: "jobs" }, el("span", {}, "Job"), el("select", { "data-key": "jobs", on: { change: pick } }, options));
}

function statusOf(id) {
  const known = store.get(`job/${id}`);
  if (known?.row?.status) return known.row.status;
  const delivery = calls().find((call) => call.operation === "interaction" && call.job === id);
  if (!delivery?.finished) return "SENT";
  return delivery.status === 200 ? "ACCEPTED" : "REFUSED";
}

function job(known) {
  const told = store.get(`job/${known.id}`) ?? { row: null, instances: [], events: [] };
  const instances = told.instances ?? [];
  const steps = instances.flatMap((instance) => instance.steps);
  clearTimeout(redraw);
  if (steps.some((step) => !step.ended_ms)) redraw = setTimeout(() => store.touch(), REDRAW_MS);
  const { byStep, rest } = callsOf(known.id, known.question ?? questionOf(known), steps);
  const begin = known.at_ms;
  const ends = [...steps.map((step) => step.ended_ms ?? Date.now()), ...rest.map((call) => call.at_ms + (call.took_ms ?? 0))];
  const end = Math.max(begin + 1, ...ends);
  const scale = { begin, length: end - begin };
  const status = statusOf(known.id);
  return [
    el("div", { class: "summary" }, el("span", { class: `badge ${tone(status)}`, "data-status": status }, status), figures(told, steps, end - begin, byStep)),
    rest.length > 0 ? el("section", { "aria-label": "Calls outside of steps" }, rest.map(drawCall)) : null,
    instances.map((instance) => generation(instance, instances.length > 1, scale, byStep)),
    instances.length === 0 ? noSteps(known, told) : null,
    told.row ? fold(`row/${known.id}`, "Row in D1", () => row(told.row)) : null,
    told.events.length > 0 ? fold(`log/${known.id}`, `Log: ${told.events.length} lines`, () => log(told.events)) : null,
  ];
}

function tone(status) {
  if (status === "COMPLETED") return "good";
  return status === "ERROR" || status === "REFUSED" ? "bad" : "";
}

function noSteps(known, told) {
  if (known.options === null || known.options === undefined) return el("p", { class: "empty" }, "Answered at once: there is no job.");
  const words = told.row ? "No Workflow instance yet." : "The steps are told by cargo xtask dev; the lab alone sees only the calls.";
  return el("p", { class: "empty" }, words);
}

/** The cost of the job's calls to models in nano-dollars, once its row has it. */
function spent(row) {
  if (typeof row?.attempts !== "string") return null;
  return JSON.parse(row.attempts).reduce((total, one) => total + one.nano, 0);
}

function figures(told, steps, length, byStep) {
  const calls = steps.map((step) => step.result?.call).filter(Boolean);
  const usage = calls.map(({ result }) => (result?.Ok ?? result?.Err)?.usage).filter(Boolean);
  const sum = (name) => usage.reduce((total, one) => total + (one[name] ?? 0), 0);
  const neurons = sum("neurons") / 1000;
  const retries = steps.reduce((total, step) => total + Math.max(0, step.attempts.length - 1), 0);
  const made = [...byStep.values()].reduce((total, list) => total + list.length, 0);
  const words = [`${seconds(length)}`, `${steps.length} steps`, `${made} calls`];
  if (retries > 0) words.push(`${retries} ${retries === 1 ? "retry" : "retries"}`);
  if (usage.length > 0) words.push(`${sum("prompt")} + ${sum("completion")} tokens`);
  const failed = calls.filter(({ result }) => result?.Err).map(({ model, result }) => `${model}: ${result.Err.class}`);
  if (failed.length > 0) words.push(failed.join(", "));
  const nano = spent(told.row);
  if (neurons > 0) words.push(`${neurons.toFixed(1)} neurons, $${((neurons * DOLLARS) / 1000).toFixed(6)}`);
  else if (nano !== null) words.push(`$${(nano / 1e9).toFixed(6)}`);
  return el("ul", { class: "figures", "aria-label": "In figures" }, words.map((word) => el("li", {}, word)));
}

function seconds(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function generation(instance, isOneOfMany, scale, byStep) {
  const title = isOneOfMany ? el("h3", {}, `Generation ${instance.generation}: ${instance.status}`) : null;
  const items = instance.steps.map((step) => drawStep(step, scale, byStep.get(step)));
  return el("section", { "aria-label": `Workflow, generation ${instance.generation}` }, title, el("ol", { class: "steps" }, items));
}

function drawStep(step, scale, made) {
  const end = step.ended_ms ?? Date.now();
  const failures = step.attempts.filter((attempt) => attempt.error);
  const key = `step/${step.name}/${step.started_ms}`;
  const words = [
    el("span", { class: `step-name ${step.status}` }, step.name),
    step.attempts.length > 1 ? el("span", { class: "badge fault" }, `${step.attempts.length} attempts`) : null,
    step.status === "failed" ? el("span", { class: "badge bad" }, "failed") : null,
    step.status === "waiting" ? el("span", { class: "badge" }, "waiting") : null,
    el("span", { class: "ms" }, seconds(end - step.started_ms)),
    bar(step, scale),
  ];
  const summary = el("span", { class: "step-line" }, words);
  const inside = fold(key, summary, () => el("div", { class: "details" }, json("Stored result", step.result ?? null), attempts(step)));
  const errors = failures.map((attempt) => el("p", { class: "problem" }, `Attempt ${attempt.number}: ${attempt.error}`, attempt.retry_in_ms ? ` — again in ${seconds(attempt.retry_in_ms)}` : ""));
  return el("li", { "data-step": step.name, "data-attempts": String(step.attempts.length) }, inside, errors, made.map(drawCall));
}

/** The bars of the attempts, placed within the duration of the job. */
function bar(step, { begin, length }) {
  const parts = step.attempts.length > 0 ? step.attempts : [step];
  const marks = parts.map((part) => {
    const from = (part.started_ms - begin) / length;
    const width = ((part.ended_ms ?? Date.now()) - part.started_ms) / length;
    const style = { left: `min(${(Math.max(0, from) * 100).toFixed(2)}%, 100% - 3px)`, width: `${(width * 100).toFixed(2)}%` };
    return el("i", { class: part.error ? "bad" : "", style });
  });
  return el("span", { class: "bar", "aria-hidden": "true" }, marks);
}

function attempts(step) {
  const items = step.attempts.map((one) => el("li", {}, `Attempt ${one.number}: ${one.ended_ms ? seconds(one.ended_ms - one.started_ms) : "running"}${one.error ? `, ${one.error}` : ""}`));
  return el("ul", { class: "attempts" }, items);
}

function row(values) {
  const lines = Object.entries(values).map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, cell(name, value))));
  return el("table", { class: "row" }, el("tbody", {}, lines));
}

/** The text of a column's value. Columns whose name ends with `_at` contain Unix seconds. */
function cell(name, value) {
  if (value === "") return "(blank)";
  if (!name.endsWith("_at") || typeof value !== "number") return String(value);
  return el("span", { title: new Date(value * 1000).toLocaleString() }, `${value} · ${new Date(value * 1000).toLocaleTimeString()}`);
}

function log(events) {
  const lines = events.map(({ event, level, job: _job, ...fields }) => {
    const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    return el("li", { class: level }, el("strong", {}, event), ` ${words.join(" ")}`);
  });
  return el("ol", { class: "events" }, lines);
}
