// The runtime wants an object of handlers and a class that extends its own.
import { WorkflowEntrypoint } from "cloudflare:workers";
import module from "./miyabi_bg.wasm";
import { answer, fetch, initSync, queue, scheduled } from "./miyabi.js";

initSync({ module });

export default { fetch, queue, scheduled };

export class MiyabiWorkflow extends WorkflowEntrypoint {
  run(event, step) {
    return answer(event, step, this.env);
  }
}
