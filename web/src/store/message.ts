// A message, and what the stream of a turn makes of it.

import { type Signal, signal } from "@preact/signals";

import type { Question } from "../api/chat";
import type { Problem } from "../api/http";
import type { Chunk, Kept, StoredMessage } from "../api/types";
import { Pace } from "./pace";

/**
 * How a message is doing: `sending` is on its way, `unsent` was refused, `waiting` has no word yet, `writing` grows.
 */
export type MessageState = "sending" | "unsent" | "waiting" | "writing" | "done" | "stopped" | "failed";

/** Tools that were called together. */
export interface Step {
  id: string;
  state: "running" | "done" | "failed";
  tools: string[];
}

/** A question or an answer. Its signals are what may change while it is on the page. */
export interface Message {
  id: string;
  parentId: string | null;
  readonly role: "user" | "assistant";
  /** Stays the same when the server gives the message its id. */
  readonly key: string;
  readonly text: Signal<string>;
  /** Files that come with it. */
  readonly files: readonly Kept[];
  readonly state: Signal<MessageState>;
  readonly steps: Signal<Step[]>;
  /** Why there is no answer, in words. */
  readonly failure: Signal<string>;
  /** What is shown in place of an answer, where the question was refused for a while or for good. */
  readonly refusal: Signal<Problem | null>;
  turn: string | null;
  at: string | null;
  /** What was sent, to be sent again as it was. */
  sent: Question | null;
}

export function message(
  of: Pick<Message, "id" | "parentId" | "role"> & Partial<Pick<Message, "turn" | "at" | "files">>,
  text: string,
  state: MessageState,
): Message {
  return {
    turn: null,
    at: null,
    sent: null,
    files: [],
    ...of,
    key: of.id,
    text: signal(text),
    state: signal(state),
    steps: signal<Step[]>([]),
    failure: signal(""),
    refusal: signal(null),
  };
}

/** Returns a message as it is stored. */
export function stored(from: StoredMessage): Message {
  const text = from.parts.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join("\n");
  const { id, parentId, role, metadata } = from;
  const files = from.parts.flatMap((part) => {
    const kept = part.type === "file" ? /\/api\/files\/([0-9a-f]{32})$/.exec(part.url ?? "")?.[1] : undefined;
    return kept ? [{ id: kept, name: part.filename ?? "", type: part.mediaType ?? "" }] : [];
  });
  const of = { id, parentId, role, turn: metadata.turn, at: metadata.at, files };
  return message(of, text, settled(from));
}

function settled({ role, metadata }: StoredMessage): MessageState {
  if (role === "user") return "done";
  const states = {
    queued: "waiting",
    running: "writing",
    done: "done",
    failed: "failed",
    stopped: "stopped",
  } as const;
  return metadata.state ? states[metadata.state] : "done";
}

/** Writes the chunks of one turn into its answer. */
export class Writer {
  private part = "";
  private written = "";
  private readonly pace: Pace;

  constructor(private readonly answer: Message) {
    this.pace = new Pace(() => {
      this.answer.text.value = this.written;
    });
  }

  /** Takes a chunk and returns whether it was the last one. */
  take(chunk: Chunk): boolean {
    const { answer } = this;
    switch (chunk.type) {
      case "start":
        this.part = "";
        this.written = "";
        answer.steps.value = [];
        answer.failure.value = "";
        answer.state.value = "waiting";
        return false;
      case "text-start":
        // Parts before it do not count any more.
        this.part = chunk.id;
        this.written = "";
        return false;
      case "text-delta":
        if (chunk.id !== this.part) return false;
        this.written += chunk.delta;
        if (answer.state.value !== "writing") answer.state.value = "writing";
        this.pace.ask();
        return false;
      case "data-step":
        this.step(chunk.id ?? String(answer.steps.value.length), chunk.data);
        return false;
      case "finish":
        return this.end("done");
      case "abort":
        return this.end("stopped");
      case "error":
        answer.failure.value = chunk.errorText;
        return this.end("failed");
      default:
        return false;
    }
  }

  /** Shows what has come so far: the stream was cut. */
  flush(): void {
    if (this.written !== "") this.pace.now();
  }

  private end(state: MessageState): true {
    this.flush();
    this.answer.state.value = state;
    const steps = this.answer.steps.value;
    if (steps.some((step) => step.state === "running")) {
      this.answer.steps.value = steps.map((step) => ({
        ...step,
        state: step.state === "running" ? "done" : step.state,
      }));
    }
    return true;
  }

  private step(id: string, { state, tools }: { state: Step["state"]; tools: string[] }): void {
    const steps = this.answer.steps.value;
    const step = { id, state, tools };
    const has = steps.some((it) => it.id === id);
    this.answer.steps.value = has ? steps.map((it) => (it.id === id ? step : it)) : [...steps, step];
  }
}
