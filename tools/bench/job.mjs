// The main module for whole jobs: the Worker's D1 and Workflow are the local ones, Discord is 60 ms
// away, and the model answers at once. What a job takes is counted from outside.
import worker, { MiyabiWorkflow as Workflow } from "./worker.mjs";

const ANSWER = "It is sunny in Kyoto today, with 21 degrees; take a light jacket for the evening.";
/** Way to Discord, in milliseconds; the way back takes as long. */
const WAY_MS = 30;

const counts = { requests: 0, statements: 0, rows_read: 0, rows_written: 0, steps: 0 };
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

function statement(inner) {
  const call = (method) => async (...values) => {
    counts.statements += 1;
    const result = await inner[method](...values);
    // What D1 bills, as its own SQLite counts it; `first` does not tell.
    counts.rows_read += result?.meta?.rows_read ?? 0;
    counts.rows_written += result?.meta?.rows_written ?? 0;
    return result;
  };
  return { bind: (...values) => statement(inner.bind(...values)), all: call("all"), run: call("run"), first: call("first") };
}

function wrap(env) {
  const limit = { limit: async () => ({ success: true }) };
  return {
    ...env,
    AI: { run: async () => ({ response: ANSWER, usage: { prompt_tokens: 9, completion_tokens: 9 } }) },
    miyabi_db: { prepare: (sql) => statement(env.miyabi_db.prepare(sql)) },
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
