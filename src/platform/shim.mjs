// The Worker's main module: the runtime's events and classes, connected to the functions of wasm.
import module from "./miyabi_bg.wasm";
import { answer, fetch, initSync, queue, scheduled } from "./miyabi.js";
import { workflow } from "./entry.mjs";

initSync({ module });

/** Rejects the promises that wait for wasm. After a trap they would wait for ever. */
const waiting = new Set();

addEventListener("error", ({ error }) => {
  // The instance of all of them is lost, and the next call makes another: see panics.rs.
  if (error instanceof WebAssembly.RuntimeError) for (const reject of waiting) reject(error);
});

/** Calls a function of wasm so that a trap, in this call or another one, ends the wait for it. */
const guarded = (call) => (...parameters) =>
  new Promise((resolve, reject) => {
    waiting.add(reject);
    call(...parameters)
      .then(resolve, reject)
      .finally(() => waiting.delete(reject));
  });

export default { fetch: guarded(fetch), queue: guarded(queue), scheduled: guarded(scheduled) };

export class MiyabiWorkflow extends workflow(guarded(answer)) {}

// A Durable Object is a class that extends the runtime's `DurableObject` and holds one of wasm. After a
// panic its wasm half belongs to a lost instance: before each call it has to compare the `instanceId` of
// `__worker_init_state()`, an export of miyabi.js, with the one it was made under, and to make its wasm
// half anew if they differ. The call is what brings the fresh instance, so its result cannot be kept.
