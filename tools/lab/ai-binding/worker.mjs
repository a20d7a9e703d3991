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

  async toMarkdown(files) {
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const read = async ({ name, blob }) => ({ name, type: blob.type, hex: hex(new Uint8Array(await blob.arrayBuffer())) });
    const response = await fetch(`${this.env.LAB_URL}/ai/tomarkdown`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(await Promise.all([files].flat().map(read))),
    });
    const reply = await response.json();
    if (!response.ok) throw Object.assign(new Error(reply.message), { name: reply.name });
    return Array.isArray(files) ? reply : reply[0];
  }
}

export default { fetch: () => new Response("Workers AI, emulated by the lab\n") };
