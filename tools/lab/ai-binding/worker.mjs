// The AI binding, played by the lab: one call through, no logic of its own. See tools/lab/README.md.
import { WorkerEntrypoint } from "cloudflare:workers";

export class Ai extends WorkerEntrypoint {
  async run(model, inputs, options) {
    const response = await fetch(`${this.env.LAB_URL}/ai/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, inputs, options }),
    });
    // A stream comes back as one, and JSON as its value, whatever was asked for.
    if (response.headers.get("content-type") !== "application/json") return response.body;
    const reply = await response.json();
    if (!response.ok) throw Object.assign(new Error(reply.message), { name: reply.name });
    return reply;
  }
}

export default { fetch: () => new Response("Workers AI, played by the lab\n") };
