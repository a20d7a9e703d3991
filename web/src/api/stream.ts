// A stream of events as chunks. A stream that was cut just ends: who reads it looks for the last chunk.

import { EventSourceParserStream } from "eventsource-parser/stream";

import type { Chunk } from "./types";

/** Returns the chunks of a reply. Events that are none of them are left out. */
export async function* chunks(reply: Response): AsyncIterable<Chunk> {
  if (!reply.body) return;
  const events = reply.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value.data === "[DONE]") return;
      const chunk = parse(value.data);
      if (chunk) yield chunk;
    }
  } finally {
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
