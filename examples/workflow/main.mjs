// The main module: the runtime's events and the Workflow's class, over the functions of wasm.
import module from "./build/workflow_example_bg.wasm";
import { fetch, initSync, run } from "./build/workflow_example.js";
import { workflow } from "../../src/workflow/entry.mjs";

initSync({ module });

export default { fetch };

export class Dice extends workflow(run) {}
