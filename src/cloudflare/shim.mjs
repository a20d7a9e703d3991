// The only JavaScript: the runtime wants an object with `fetch` and a class that extends its own.
import { WorkflowEntrypoint } from "cloudflare:workers";
import module from "./miyabi_bg.wasm";
import { answer, fetch, initSync } from "./miyabi.js";

initSync({ module });

export default { fetch };

export class MiyabiWorkflow extends WorkflowEntrypoint {
  run(event, step) {
    return answer(event, step, this.env);
  }
}
