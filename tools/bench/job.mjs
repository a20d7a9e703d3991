// The main module for whole jobs: the Worker's D1 and Workflow are the local ones, Discord is 60 ms
// away, and the model takes half a second. What a job takes is counted from outside.
import worker, { MiyabiWorkflow as Workflow } from "./worker.mjs";

const ANSWER = "It is sunny in Kyoto today, with 21 degrees; take a light jacket for the evening.";
/** Way to Discord, in milliseconds; the way back takes as long. */
const WAY_MS = 30;

/** How long the model takes. A real one takes longer. */
const MODEL_MS = 500;

const counts = { model_ms: 0, model_calls: 0, requests: 0, statements: 0, rows_read: 0, rows_written: 0, steps: 0 };
/** When Discord had the answer of the latest job, in milliseconds. */
let visible = null;
/** Jobs whose Workflow has ended. */
const finished = {};

const pause = () => new Promise((resolve) => setTimeout(resolve, WAY_MS));

/** Discord: a webhook of the channel that the question comes from, and whatever else is fine. */
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const body = await request.text();
  counts.requests += 1;
  await pause();
  if (request.method === "POST" && body.includes(ANSWER)) visible = Date.now();
  await pause();
  if (request.method === "DELETE") return new Response(null, { status: 204 });
  return Response.json({ id: "1300000000000000001", channel_id: "1200000000000000002" });
};

/** The model: it needs a tool where it is asked for the time, and has not been told it yet. */
async function answer(_model, { messages }) {
  const begin = Date.now();
  await new Promise((resolve) => setTimeout(resolve, MODEL_MS));
  counts.model_ms += Date.now() - begin;
  counts.model_calls += 1;
  const usage = { prompt_tokens: 9, completion_tokens: 9 };
  const asksForTime = messages.some(({ role, content }) => role === "user" && content.startsWith("What time"));
  if (asksForTime && !messages.some(({ role }) => role === "tool")) {
    return { tool_calls: [{ name: "current_time", arguments: { time_zone: "Asia/Tokyo" } }], usage };
  }
  return { response: ANSWER, usage };
}

/** Adds what D1 bills, as its own SQLite counts it; `first` does not tell. */
function bill(result) {
  counts.rows_read += result?.meta?.rows_read ?? 0;
  counts.rows_written += result?.meta?.rows_written ?? 0;
  return result;
}

function statement(inner) {
  const call = (method) => async (...values) => {
    counts.statements += 1;
    return bill(await inner[method](...values));
  };
  return { inner, bind: (...values) => statement(inner.bind(...values)), all: call("all"), run: call("run"), first: call("first") };
}

/** The database; a batch is one round trip. */
function database(inner) {
  return {
    prepare: (sql) => statement(inner.prepare(sql)),
    batch: async (statements) => {
      counts.statements += 1;
      return (await inner.batch(statements.map((one) => one.inner))).map(bill);
    },
  };
}

function wrap(env) {
  const limit = { limit: async () => ({ success: true }) };
  return {
    ...env,
    AI: { run: answer },
    miyabi_db: database(env.miyabi_db),
    miyabi_queue: { send: async () => {} },
    miyabi_asker_limit: limit,
    miyabi_server_limit: limit,
  };
}

export default {
  fetch(request, env, context) {
    if (request.url.endsWith("/bench/counts")) return Response.json({ ...counts, visible, finished });
    return worker.fetch(request, wrap(env), context);
  },
};

export class MiyabiWorkflow extends Workflow {
  constructor(context, env) {
    super(context, wrap(env));
  }

  async run(event, step) {
    const steps = { do: (...parts) => { counts.steps += 1; return step.do(...parts); }, sleep: (...parts) => step.sleep(...parts) };
    await super.run(event, steps);
    finished[event.instanceId] = true;
  }
}
