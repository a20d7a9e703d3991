// A reply's events as chunks.

import { expect, test } from "vitest";

import { chunks } from "../../src/api/stream";

async function read(parts: string[]) {
  const encoder = new TextEncoder();
  // In pieces that cut letters in two.
  const bytes = parts.map((part) => encoder.encode(part));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of bytes)
        for (let at = 0; at < piece.length; at += 3) controller.enqueue(piece.slice(at, at + 3));
      controller.close();
    },
  });
  const found = [];
  for await (const chunk of chunks(new Response(body))) found.push(chunk);
  return found;
}

test("chunks are read from pieces of any size, and what is none is left out", async () => {
  const found = await read([
    ": waiting\n\n",
    'data: {"type":"text-delta","id":"0","delta":"今日"}\n\n',
    "data: no json\n\n",
    "data: 7\n\n",
    'event: x\ndata: {"type":"finish"}\n\n',
    "data: [DONE]\n\n",
    'data: {"type":"error","errorText":"after the end"}\n\n',
  ]);
  expect(found).toEqual([{ type: "text-delta", id: "0", delta: "今日" }, { type: "finish" }]);
});

test("a stream that is cut just ends", async () => {
  expect(await read(['data: {"type":"start","messageId":"a"}\n\ndata: {"ty'])).toEqual([
    { type: "start", messageId: "a" },
  ]);
});
