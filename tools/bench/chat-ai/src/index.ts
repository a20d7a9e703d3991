// A chat as npm `ai` shows it: its answer streamed from a plain Worker, nothing stored, and its client
// brings the history along. Nobody is asked who they are, and nothing is counted.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { convertToModelMessages, streamText, type UIMessage } from "ai";

interface Env {
  MODEL: string;
  MODEL_BASE: string;
  MODEL_KEY: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname === "/health") return new Response("ok");
    const { messages } = await request.json<{ messages: UIMessage[] }>();
    const vendor = createOpenAICompatible({ name: "lab", baseURL: env.MODEL_BASE, apiKey: env.MODEL_KEY });
    const result = streamText({
      model: vendor(env.MODEL),
      system: "You are a helpful assistant.",
      messages: await convertToModelMessages(messages),
    });
    return result.toUIMessageStreamResponse();
  },
};
