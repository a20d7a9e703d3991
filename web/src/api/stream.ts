// A stream of events as chunks. A stream that was cut just ends: who reads it looks for the last chunk.

import { EventSourceParserStream } from "eventsource-parser/stream";

import type { Chunk } from "./types";

/** The server says something every 15 seconds. A line that is silent for longer is cut, though nobody has said so. */
const SILENT_MS = 40_000;

/** Returns the chunks of a reply. Events that are none of them are left out. */
export async function* chunks(reply: Response): AsyncIterable<Chunk> {
  if (!reply.body) return;
  let heard = Date.now();
  const ear = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller) {
      heard = Date.now();
      controller.enqueue(bytes);
    },
  });
  const events = reply.body
    .pipeThrough(ear)
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  const watch = setInterval(() => {
    if (Date.now() - heard > SILENT_MS) reader.cancel().catch(() => {});
  }, 5_000);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value.data === "[DONE]") return;
      const chunk = parse(value.data);
      if (chunk) yield chunk;
    }
  } finally {
    clearInterval(watch);
    reader.cancel().catch(() => {});
  }
}

function parse(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    const isChunk = typeof value === "object" && value !== null && "type" in value;
    return isChunk ? (value as Chunk) : null;
  } catch {
    return null;
  }
}
