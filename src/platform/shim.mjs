// The Worker's main module: the runtime's events and classes, connected to the functions of wasm.
import module from "./miyabi_bg.wasm";
import { DurableObject } from "cloudflare:workers";
import { Conversation, __worker_init_state, answer, fetch, initSync, queue, scheduled } from "./miyabi.js";
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

/** A conversation: the runtime's class around an object of wasm. */
export class MiyabiConversation extends DurableObject {
  #instance;
  #object;

  /**
   * Calls a method of the object. After a panic that belongs to a lost instance, and a fresh one makes it anew:
   * the call of `__worker_init_state` is what brings the fresh instance, so its result cannot be kept.
   */
  #call(method, parameters) {
    const call = (...parameters) => {
      const { instanceId } = __worker_init_state();
      if (this.#instance !== instanceId) {
        this.#object = new Conversation(this.ctx, this.env);
        this.#instance = instanceId;
      }
      return this.#object[method](...parameters);
    };
    return guarded(call)(...parameters);
  }

  fetch(...parameters) {
    return this.#call("fetch", parameters);
  }

  alarm(...parameters) {
    return this.#call("alarm", parameters);
  }

  webSocketMessage(...parameters) {
    return this.#call("webSocketMessage", parameters);
  }

  webSocketClose(...parameters) {
    return this.#call("webSocketClose", parameters);
  }

  webSocketError(...parameters) {
    return this.#call("webSocketError", parameters);
  }
}
