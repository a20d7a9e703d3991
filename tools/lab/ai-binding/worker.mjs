// Takes the place of the AI binding and passes each call to the lab. See tools/lab/README.md.
import { WorkerEntrypoint } from "cloudflare:workers";

export class Ai extends WorkerEntrypoint {
  async run(model, inputs, options) {
    const response = await fetch(`${this.env.LAB_URL}/ai/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, inputs, options }),
    });
    // A stream is returned as a stream and JSON as its value, whatever was asked for.
    if (response.headers.get("content-type") !== "application/json") return response.body;
    const reply = await response.json();
    if (!response.ok) throw Object.assign(new Error(reply.message), { name: reply.name });
    return reply;
  }
}

export default { fetch: () => new Response("Workers AI, emulated by the lab\n") };
