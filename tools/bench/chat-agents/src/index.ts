// A chat as npm `agents` shows it: `AIChatAgent` stores messages and the answer's chunks in the SQLite of a
// Durable Object, and talks over a WebSocket. Nobody is asked who they are.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AIChatAgent } from "@cloudflare/ai-chat";
import { routeAgentRequest } from "agents";
import { convertToModelMessages, streamText } from "ai";

import { watch, written } from "../../rows.mjs";

interface Env {
  MODEL: string;
  MODEL_BASE: string;
  MODEL_KEY: string;
  /** Whether rows are counted. */
  COUNTS?: boolean;
}

export class Chat extends AIChatAgent<Env> {
  constructor(state: DurableObjectState, env: Env) {
    if (env.COUNTS) watch(state.storage);
    super(state, env);
  }

  async onChatMessage() {
    const { MODEL_BASE: baseURL, MODEL_KEY: apiKey, MODEL } = this.env;
    const result = streamText({
      model: createOpenAICompatible({ name: "lab", baseURL, apiKey })(MODEL),
      system: "You are a helpful assistant.",
      messages: await convertToModelMessages(this.messages),
    });
    return result.toUIMessageStreamResponse();
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response("ok");
    if (pathname === "/bench/rows") return Response.json(written());
    return (await routeAgentRequest(request, env)) ?? new Response("no such agent", { status: 404 });
  },
};
