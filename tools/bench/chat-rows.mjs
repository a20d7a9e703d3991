// The Worker with its rows counted: `/bench/rows` tells them. "./shim.mjs" and "./rows.mjs" are replaced by
// where they are.
import worker, { MiyabiConversation as Conversation, MiyabiWorkflow as Workflow } from "./shim.mjs";
import { counted, watch, written } from "./rows.mjs";

export * from "./shim.mjs";

const wrap = (env) => ({ ...env, miyabi_db: counted(env.miyabi_db) });

export class MiyabiConversation extends Conversation {
  constructor(state, env) {
    watch(state.storage);
    super(state, wrap(env));
  }
}

export class MiyabiWorkflow extends Workflow {
  constructor(context, env) {
    super(context, wrap(env));
  }
}

export default {
  fetch(request, env, context) {
    if (request.url.endsWith("/bench/rows")) return Response.json(written());
    return worker.fetch(request, wrap(env), context);
  },
  queue: (batch, env, context) => worker.queue(batch, wrap(env), context),
  scheduled: (event, env, context) => worker.scheduled(event, wrap(env), context),
};
