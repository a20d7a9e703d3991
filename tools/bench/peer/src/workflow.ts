// The job: status, the tool loop of ai-utils, two posts by webhook, the deferred reply removed, status.
import { runWithTools } from "@cloudflare/ai-utils";
import { WorkflowEntrypoint } from "cloudflare:workers";
import type { Env, Params } from "./types";

const SYSTEM = "You are Miyabi, an assistant in a Discord server. Answer briefly, in the asker's language.";
const ROUNDS = 5;

const tools = [
  {
    name: "current_time",
    description: "The current date and time in a time zone",
    parameters: {
      type: "object",
      properties: { time_zone: { type: "string", description: "IANA name, such as Asia/Tokyo" } },
      required: ["time_zone"],
    },
    function: async ({ time_zone }: { time_zone: string }) =>
      new Date().toLocaleString("en-GB", { timeZone: time_zone, dateStyle: "full", timeStyle: "long" }),
  },
];

export class MiyabiWorkflow extends WorkflowEntrypoint<Env, Params> {
  async run(event: { payload: Params }, step: any): Promise<void> {
    const { id, token, question, name, avatar } = event.payload;
    const deferred = `${this.env.DISCORD_API_BASE}/webhooks/${this.env.DISCORD_APPLICATION_ID}/${token}/messages/@original`;
    await step.do("processing", () => this.write("status = 'PROCESSING'", id));
    try {
      const answer: string = await step.do("answer", () => this.answer(question));
      await step.do("post question", () => this.post({ content: question, username: name, avatar_url: avatar }));
      await step.do("post answer", () => this.post({ content: answer.slice(0, 2000), username: "Miyabi" }));
      await step.do("remove deferred reply", () => send(deferred, { method: "DELETE" }));
      await step.do("completed", () => this.write("status = 'COMPLETED', token = '', result = ?2", id, answer));
    } catch (error) {
      const content = "Something went wrong, please try again.";
      await step.do("apologize", () => send(deferred, { method: "PATCH", ...json({ content }) }));
      await step.do("error", () => this.write("status = 'ERROR', token = '', result = ?2", id, String(error)));
    }
  }

  async answer(question: string): Promise<string> {
    const messages = [
      { role: "system", content: SYSTEM },
      { role: "user", content: question },
    ];
    const input = { messages, tools } as never;
    const options = { maxRecursiveToolRuns: ROUNDS };
    const output: any = await runWithTools(this.env.AI as never, this.env.MIYABI_MODEL as never, input, options);
    return output.response;
  }

  async post(message: { content: string; username: string; avatar_url?: string }): Promise<void> {
    const body = { ...message, allowed_mentions: { parse: [] } };
    await send(`${this.env.DISCORD_WEBHOOK_URL}?wait=true`, { method: "POST", ...json(body) });
  }

  async write(fields: string, ...values: unknown[]): Promise<void> {
    await this.env.miyabi_db
      .prepare(`UPDATE jobs SET ${fields}, updated_at = unixepoch() WHERE id = ?1`)
      .bind(...values)
      .run();
  }
}

function json(body: unknown) {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function send(url: string, request: RequestInit): Promise<void> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`Discord answered ${response.status}`);
}
