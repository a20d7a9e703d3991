// Shapes of the chat API: `docs/guide/api.md` and `/openapi.json` describe them.

/** Who uses the page, and what this Miyabi offers. */
export interface Session {
  /** Tells one person's things on this browser from another's; says nothing else of them. */
  owner: string | null;
  who: "nobody" | "visitor" | "person";
  name: string | null;
  scopes: string[];
  signIn: ("code" | "key" | "access")[];
  isAnonymous: boolean;
  isSharing: boolean;
  isMemory: boolean;
  /** Whether files can be sent. */
  isFiles: boolean;
  suggestions: string[];
  models: string[];
  version: string;
}

/** A conversation in the list. */
export interface Listed {
  id: string;
  title: string;
  updatedAt: string;
}

/** How a turn is doing. */
export type TurnState = "queued" | "running" | "done" | "failed" | "stopped";

/** A message as it is stored. */
export interface StoredMessage {
  id: string;
  parentId: string | null;
  role: "user" | "assistant";
  parts: { type: string; text?: string; url?: string; filename?: string; mediaType?: string }[];
  metadata: { turn: string; at: string | null; state?: TurnState };
}

/** A file that the Worker keeps. */
export interface Kept {
  id: string;
  name: string;
  /** Media type, as its bytes say. */
  type: string;
  /** Whether it was sent from this page, and no question has brought it. */
  isUnasked?: boolean;
}

/** A page of a conversation, newest turns last. */
export interface Read extends Listed {
  messages: StoredMessage[];
  /** Turn that runs, and the question that it answers. */
  running: string | null;
  runningQuestion: string | null;
  /** Where the page of older messages begins. */
  cursor: string | null;
}

/** Something that is remembered of a person. */
export interface Fact {
  id: string;
  text: string;
  source: string | null;
  at: string;
}

/** What is remembered, and whether it is used. */
export interface Memory {
  facts: Fact[];
  isOn: boolean;
}

/** A link to what was said until now. */
export interface Share {
  token: string;
  url: string;
  expiresAt: string;
}

/** How a turn was answered, as far as it was recorded. */
export interface TurnDetails {
  turn: string;
  state: TurnState;
  rounds: number | null;
  model: string | null;
  models?: { model: string; outcome: string }[];
  tools: { name: string; arguments: unknown; state: string; ms: number | null }[];
  sources: { url: string; title: string | null }[];
  inputTokens: number | null;
  outputTokens: number | null;
  costNanos: number | null;
  startedAt: string | null;
  endedAt: string | null;
}

/** What a person has used. */
export interface Usage {
  today: { questions: number; costNanoUsd: number };
  budget: { limitNanoUsd: number; leftNanoUsd: number; renewsAt: string } | null;
}

/** A chunk of AI SDK's UI message stream, of those that Miyabi writes. */
export type Chunk =
  | { type: "start"; messageId: string; messageMetadata?: { conversation: string; turn: string } }
  | { type: "text-start" | "text-end"; id: string }
  | { type: "text-delta"; id: string; delta: string }
  | { type: "data-step"; id?: string; data: { state: "running" | "done" | "failed"; tools: string[] } }
  | { type: "finish" }
  | { type: "abort"; reason?: string }
  | { type: "error"; errorText: string };
