// The Worker's main module: the runtime's events and classes, connected to the functions of wasm.
import module from "./miyabi_bg.wasm";
import { answer, fetch, initSync, queue, scheduled } from "./miyabi.js";
import { workflow } from "./entry.mjs";

initSync({ module });

/** Rejects the calls that wait for wasm. */
const waiting = new Set();

addEventListener("error", ({ error }) => {
  // The instance that all of them wait for is lost, and the next call makes another: see panics.rs.
  if (error instanceof WebAssembly.RuntimeError) for (const reject of waiting) reject(error);
});

/** Calls a function of wasm so that a trap, in this call or another one, ends the wait for it. */
const guarded = (call) => async (...parameters) => {
  const { promise, reject } = Promise.withResolvers();
  waiting.add(reject);
  try {
    return await Promise.race([call(...parameters), promise]);
  } finally {
    waiting.delete(reject);
  }
};

// A request needs no guard: the runtime ends one that can never be answered with status 500.
export default { fetch, queue: guarded(queue), scheduled: guarded(scheduled) };

export class MiyabiWorkflow extends workflow(guarded(answer)) {}

// A Durable Object is a class that extends the runtime's `DurableObject` and holds an object of wasm.
// After a panic that object belongs to a lost instance. So before each call the class compares the
// `instanceId` of `__worker_init_state()`, an export of miyabi.js, with the one under which it made the
// object, and makes it anew if they differ. The result cannot be kept: the call itself is what brings
// the fresh instance.
