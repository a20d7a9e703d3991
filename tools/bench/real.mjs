// The main module of a Worker on the local D1 with a Workflow that only says yes: the local engine
// creates some 90 instances per second, and would be all that is measured.
import worker from "./worker.mjs";

export * from "./worker.mjs";

const stubs = {
  miyabi_workflow: { create: async ({ id }) => ({ id }) },
  miyabi_queue: { send: async () => {} },
  miyabi_asker_limit: { limit: async () => ({ success: true }) },
  miyabi_server_limit: { limit: async () => ({ success: true }) },
  AI: { run: async () => ({ response: "…" }) },
};

export default {
  fetch: (request, env, context) => worker.fetch(request, { ...env, ...stubs }, context),
};
