// The whole job, counted. The main module of a Worker whose D1 and Workflow are the local ones;
// Discord and the model answer at once, inside the isolate, so that what is left is the program's
// own work and the engine's. `count.mjs` is evaluated before the Worker, so that its wasm is seen.
import { counts, finished } from "./count.mjs";
import worker, { MiyabiWorkflow as Workflow } from "./worker.mjs";

const ANSWER = "It is sunny in Kyoto today, with 21 degrees; take a light jacket for the evening.";

/** Calls the tool that the question asks for, once, and then answers. */
async function run(_model, { messages, tools }) {
  counts.model_calls += 1;
  const asked = messages.some(({ role, content }) => role === "user" && content.includes("time"));
  const called = messages.some(({ role }) => role === "tool");
  if (!asked || called || !tools) return { response: ANSWER, usage: { prompt_tokens: 9, completion_tokens: 9 } };
  return { response: null, tool_calls: [{ name: "current_time", arguments: { time_zone: "Asia/Tokyo" } }] };
}

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
  const database = { prepare: (sql) => statement(env.miyabi_db.prepare(sql)) };
  const limit = { limit: async () => ({ success: true }) };
  return { ...env, AI: { run }, miyabi_db: database, miyabi_queue: { send: async () => {} }, miyabi_asker_limit: limit, miyabi_server_limit: limit };
}

export default {
  fetch(request, env, context) {
    if (request.url.endsWith("/bench/counts")) return Response.json({ ...counts, finished });
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
    finished[event.instanceId] = Date.now();
  }
}
