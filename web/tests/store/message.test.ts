// What the chunks of a stream make of an answer.

import { expect, test } from "vitest";

import type { Chunk } from "../../src/api/types";
import { message, Writer } from "../../src/store/message";

function written(chunks: Chunk[]) {
  const answer = message({ id: "a", parentId: "q", role: "assistant" }, "", "waiting");
  const writer = new Writer(answer);
  const ends = chunks.map((chunk) => writer.take(chunk));
  writer.flush();
  return {
    text: answer.text.value,
    state: answer.state.value,
    failure: answer.failure.value,
    steps: answer.steps.value,
    ends,
  };
}

const start: Chunk = { type: "start", messageId: "t-a" };
const text = (id: string, ...deltas: string[]): Chunk[] => [
  { type: "text-start", id },
  ...deltas.map((delta): Chunk => ({ type: "text-delta", id, delta })),
];

test("an answer is the deltas of its last part", () => {
  const {
    text: said,
    state,
    ends,
  } = written([start, ...text("0", "Let me ", "see"), ...text("1", "It is ", "noon."), { type: "finish" }]);
  expect([said, state]).toEqual(["It is noon.", "done"]);
  expect(ends.at(-1)).toBe(true);
});

test("a stream that is read again begins anew", () => {
  const { text: said } = written([start, ...text("0", "It is no"), start, ...text("0", "It is noon.")]);
  expect(said).toBe("It is noon.");
});

test("stopped, failed and cut are told apart", () => {
  expect(written([start, ...text("0", "Half"), { type: "abort" }]).state).toBe("stopped");
  const failed = written([start, { type: "error", errorText: "Too busy." }]);
  expect([failed.state, failed.failure]).toEqual(["failed", "Too busy."]);
  const cut = written([start, ...text("0", "Half")]);
  expect([cut.state, cut.text, cut.ends.includes(true)]).toEqual(["writing", "Half", false]);
});

test("steps are shown once each, and none runs on when the answer has ended", () => {
  const step = (state: "running" | "done", id = "s1"): Chunk => ({
    type: "data-step",
    id,
    data: { state, tools: ["weather"] },
  });
  const { steps } = written([
    start,
    step("running"),
    step("done"),
    step("done"),
    step("running", "s2"),
    { type: "finish" },
  ]);
  expect(steps.map((it) => [it.id, it.state])).toEqual([
    ["s1", "done"],
    ["s2", "done"],
  ]);
});

test("chunks that are not known change nothing", () => {
  const unknown = { type: "data-novelty", data: {} } as unknown as Chunk;
  expect(written([start, unknown, ...text("0", "Yes."), { type: "finish" }]).text).toBe("Yes.");
});
