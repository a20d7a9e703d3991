// The Worker with bindings that fail on request, as they do in an outage of the platform.
// `OUTAGES` says how often, since the isolate began: { "miyabi_workflow.create": 3 }.
// Only what requests, messages and the cron trigger see is wrapped, not the Workflow's own bindings.
// `engine.STEP` is the engine itself: the step of this name rejects with an error that no attempt threw.
// `/provoke-panic` makes the program panic: a batch whose name throws is a bug that the platform never has,
// and the crate `worker` takes it for impossible. The panic's message quotes the error.
// `/instance?id=ID` tells what the engine says about an instance of the Workflow.
// `/provoke-panic-in-conversation` does so in a conversation: its storage throws where the crate takes that for
// impossible.
import worker, { MiyabiConversation as Conversation, MiyabiWorkflow as Workflow } from "./shim.mjs";

export * from "./shim.mjs";

const calls = {};

/** Returns whether this call is among the first of its kind, which fail. */
function isOutage(key, times) {
  calls[key] = (calls[key] ?? 0) + 1;
  return calls[key] <= times;
}

export class MiyabiWorkflow extends Workflow {
  run(event, step) {
    const outages = this.env.OUTAGES;
    const run = (name, ...rest) => {
      const key = `engine.${name}`;
      if (!isOutage(key, outages[key] ?? 0)) return step.do(name, ...rest);
      return Promise.reject(new Error("Durable Object reset because its code was updated."));
    };
    return super.run(event, { do: run, sleep: (...parameters) => step.sleep(...parameters) });
  }
}

export class MiyabiConversation extends Conversation {
  panics = false;

  constructor(state, env) {
    super(state, env);
    const get = (target, name) => {
      if (this.panics && name === "storage") throw new Error("what-nobody-may-read");
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    };
    Object.defineProperty(this, "ctx", { value: new Proxy(state, { get }) });
  }

  fetch(request) {
    this.panics = new URL(request.url).pathname === "/provoke-panic";
    return super.fetch(request);
  }
}

function fail(binding, method, key, times) {
  return new Proxy(binding, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...parameters) => {
        if (name === method && isOutage(key, times)) throw new Error(`outage of ${key}`);
        return value.apply(target, parameters);
      };
    },
  });
}

function wrap(env) {
  const wrapped = { ...env };
  for (const [key, times] of Object.entries(env.OUTAGES)) {
    const [binding, method] = key.split(".");
    if (binding === "engine") continue;
    wrapped[binding] = fail(wrapped[binding], method, key, times);
  }
  return wrapped;
}

const impossible = {
  get queue() {
    throw new Error("what-nobody-may-read");
  },
};

const tests = {
  "/provoke-panic": (_url, env, context) => worker.queue(impossible, env, context),
  "/provoke-panic-in-conversation": (_url, env) => {
    const id = env.miyabi_conversation.idFromName("any");
    const order = { method: "POST", body: '{"look":{"turn":null,"from":0}}' };
    return env.miyabi_conversation.get(id).fetch("https://conversation/provoke-panic", order);
  },
  "/instance": async ({ searchParams }, env) => {
    const instance = await env.miyabi_workflow.get(searchParams.get("id"));
    return Response.json(await instance.status());
  },
};

export default {
  fetch(request, env, context) {
    const url = new URL(request.url);
    const test = tests[url.pathname];
    return test ? test(url, env, context) : worker.fetch(request, wrap(env), context);
  },
  queue: (batch, env, context) => worker.queue(batch, wrap(env), context),
  scheduled: (event, env, context) => worker.scheduled(event, wrap(env), context),
};
