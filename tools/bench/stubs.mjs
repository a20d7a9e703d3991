// Bindings inside the Worker's own isolate, as workerd's wrapped bindings: what is measured is the
// Worker, not a database. `delay` is how far away they are, in milliseconds.

function pause({ delay }) {
  return delay > 0 ? new Promise((resolve) => setTimeout(resolve, delay)) : Promise.resolve();
}

export function database(env) {
  const outcome = async (values) => {
    await pause(env);
    return { success: true, results: [{ id: values[0] }], meta: {} };
  };
  const bind = (...values) => ({ all: () => outcome(values), run: () => outcome(values) });
  return { prepare: () => ({ bind }) };
}

export function workflow(env) {
  const create = async ({ id }) => {
    await pause(env);
    return { id };
  };
  return { create };
}

export function queue(env) {
  return { send: () => pause(env) };
}

/** A rate limit counts where the Worker runs: it is never far away. */
export function limit() {
  return { limit: async () => ({ success: true }) };
}

export function model() {
  return { run: async () => ({ response: "…" }) };
}
