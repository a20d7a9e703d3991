// A Workflow class has to extend the runtime's own. Its `run` is a function that wasm exports.
import { WorkflowEntrypoint } from "cloudflare:workers";

/** Returns a Workflow class that calls `run(event, step, env)`. */
export const workflow = (run) =>
  class extends WorkflowEntrypoint {
    run(event, step) {
      return run(event, step, this.env);
    }
  };
