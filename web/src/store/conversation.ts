// One conversation: its messages, and the turn that is being answered.
//
// The server owns every turn. The page shows its stream while there is one; where the line is cut, where another
// tab asked, or after a reload, it takes the stream again from its beginning, or reads what was stored meanwhile.

import { signal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Chunk, Kept, Read } from "../api/types";
import { type Message, message, stored, Writer } from "./message";
import { outbox } from "./outbox";
import { Tree } from "./tree";
import { backoff } from "./wait";

/** What there is to show. */
export type Load = "new" | "loading" | "ready" | "failed" | "gone";

/** What else a conversation tells the page. */
export interface Told {
  /** A turn begins to be answered. */
  begun: (conversation: Conversation) => void;
  /** A turn was taken, or has ended: the list has another order, and other tabs have something to read. */
  changed: (conversation: Conversation) => void;
  /** Something went wrong that is no message's. */
  problem: (problem: Problem) => void;
}

/** How often a question is sent again that the server does not take, although it is reached. */
const MAX_TRIES = 6;

export class Conversation {
  readonly tree = new Tree();
  readonly title = signal("");
  readonly load = signal<Load>("new");
  /** Where the older messages begin; `null` where all are here. */
  readonly older = signal<string | null>(null);
  /** Answer that is being written. */
  readonly running = signal<Message | null>(null);
  /** Whether the line is down and the page tries again. */
  readonly isCut = signal(false);
  private following: AbortController | null = null;
  /** Whether the newest messages were read. */
  private hasRead = false;
  /** Whether the turn is to be stopped that the server has not named yet. */
  private wantsStop = false;

  constructor(
    readonly id: string,
    private readonly told: Told,
  ) {}

  /** Reads the newest messages, and follows the turn that runs. */
  async open(): Promise<void> {
    if (this.load.value === "new" || this.load.value === "failed") this.load.value = "loading";
    try {
      this.merge(await api.conversations.read(this.id));
      this.load.value = "ready";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const isGone = error.status === 404 || error.status === 410;
      // One that was begun here is not there before its first question was taken.
      if (isGone && (this.load.value === "loading" || this.lastTaken() !== null)) this.load.value = "gone";
      else if (this.load.value === "loading") this.load.value = "failed";
      if (!isGone) this.told.problem(error);
    }
  }

  /** Reads the page of older messages. */
  async readOlder(): Promise<void> {
    const cursor = this.older.value;
    if (cursor === null) return;
    try {
      const page = await api.conversations.read(this.id, cursor);
      if (this.older.value !== cursor) return;
      this.addAll(page);
      this.older.value = page.cursor;
    } catch (error) {
      if (error instanceof Problem) this.told.problem(error);
      else throw error;
    }
  }

  private merge(read: Read): void {
    const isFirst = !this.hasRead;
    const before = this.tree.last;
    this.hasRead = true;
    this.title.value = read.title;
    const isNew = this.addAll(read);
    if (isFirst) this.older.value = read.cursor;
    const follows = before === null || this.isBehind(before);
    if (isNew && this.running.value === null && (isFirst || follows)) this.tree.showNewest();
    if (read.running === null) this.settle();
    else if (this.following === null) {
      const answer = this.answerOf(read.running, read.runningQuestion);
      if (answer) void this.follow(answer, null);
    }
  }

  /** Whether something follows the last message that is shown. */
  private isBehind(last: Message): boolean {
    // A question that failed is what the next one follows, and not the sentence that stands for its answer.
    const isStandIn = last.role === "assistant" && last.state.value === "failed";
    for (const it of this.tree.all()) {
      if (it.parentId === last.id) return true;
      if (isStandIn && it.role === "user" && it.parentId === last.parentId) return true;
    }
    return false;
  }

  /** A question that is not being answered and has no answer has failed. */
  private settle(): void {
    const last = this.tree.last;
    if (last === null || last.role !== "user" || this.running.value !== null) return;
    if (last.state.value === "done") last.state.value = "failed";
  }

  /** Takes over what was stored; returns whether there was anything that was not known. */
  private addAll(read: Read): boolean {
    let isNew = false;
    for (const from of read.messages) {
      const known = this.tree.get(from.id);
      if (!known) {
        this.tree.add(stored(from), false);
        isNew = true;
      } else if (known !== this.running.value) {
        const now = stored(from);
        known.text.value = now.text.value;
        known.state.value = now.state.value;
        known.at = now.at;
      }
    }
    return isNew;
  }

  /** Returns the answer of a turn, which is made where there is only its question. */
  private answerOf(turn: string, asked: string | null): Message | null {
    const known = this.tree.get(`${turn}-a`);
    if (known) return known;
    const question = this.tree.get(asked ?? `${turn}-q`);
    if (!question) return null;
    const of = { id: `${turn}-a`, parentId: question.id, role: "assistant", turn } as const;
    const answer = message(of, "", "waiting");
    question.state.value = "done";
    this.tree.add(answer, true);
    return answer;
  }

  /** Returns the last message of the branch that is shown which the server has. */
  private lastTaken(): Message | null {
    return this.tree.path.value.findLast((it) => it.turn !== null) ?? null;
  }

  /**
   * Asks something, behind the branch that is shown or in place of an earlier question; returns whether that is
   * possible now.
   */
  ask(text: string, replaced: Message | null = null, files: readonly Kept[] = []): boolean {
    if (this.running.value !== null) return false;
    if (replaced?.turn === null) {
      // The server never had it.
      if (replaced.sent) outbox.remove(replaced.sent.key);
      this.tree.drop(replaced);
      replaced = null;
    }
    const id = crypto.randomUUID();
    const parentId = replaced ? replaced.parentId : (this.lastTaken()?.id ?? null);
    const sent: api.Question = { conversation: this.id, key: id, message: id, text };
    if (files.length > 0) sent.files = [...files];
    if (replaced) sent.replaces = replaced.id;
    else if (parentId !== null) sent.parent = parentId;
    this.submit(sent, this.begin(sent, parentId));
    return true;
  }

  /** Asks for another answer to a question. */
  again(question: Message): void {
    if (this.running.value !== null) return;
    if (question.turn === null) return this.retry(question);
    const answers = [...this.tree.all()].filter(
      (it) => it.parentId === question.id && it.role === "assistant",
    );
    for (const answer of answers) if (answer.turn === null) this.tree.drop(answer);
    const of = answers.findLast((it) => it.turn !== null) ?? question;
    const key = crypto.randomUUID();
    const text = question.text.value;
    this.submit({ conversation: this.id, key, message: question.id, text, again: of.id }, question);
  }

  /** Sends a question as it was sent before. */
  retry(question: Message): void {
    if (this.running.value !== null || question.sent === null) return;
    const { sent } = question;
    for (const it of [...this.tree.all()]) if (it.parentId === question.id) this.tree.drop(it);
    question.state.value = "sending";
    this.submit(sent, question);
  }

  /** Returns whether a question was sent from here and has no turn yet, also one that was refused. */
  hasSent(key: string): boolean {
    return this.tree.get(`${key}-a`) !== undefined;
  }

  /** Sends what was not confirmed before the page went away. */
  sendAgain(sent: api.Question): void {
    if (this.running.value !== null) return;
    if (this.load.value !== "ready") this.load.value = "ready";
    if (sent.again !== undefined) {
      const question = this.tree.get(sent.message);
      if (question) this.submit(sent, question);
      else outbox.remove(sent.key);
      return;
    }
    const replaced = sent.replaces === undefined ? undefined : this.tree.get(sent.replaces);
    const parentId = replaced ? replaced.parentId : (sent.parent ?? this.lastTaken()?.id ?? null);
    this.submit(sent, this.begin(sent, parentId));
  }

  private begin(sent: api.Question, parentId: string | null): Message {
    const of = { id: `${sent.key}-q`, parentId, role: "user", files: sent.files ?? [] } as const;
    const question = message(of, sent.text, "sending");
    question.sent = sent;
    this.tree.add(question, true);
    return question;
  }

  private submit(sent: api.Question, question: Message): void {
    const of = { id: `${sent.key}-a`, parentId: question.id, role: "assistant" } as const;
    const answer = message(of, "", "waiting");
    this.tree.add(answer, true);
    if (this.load.value === "new") {
      // Nothing was said in it before.
      this.hasRead = true;
      this.load.value = "ready";
    }
    outbox.put(sent);
    void this.follow(answer, sent);
  }

  /** Stops the turn that runs, on the server. */
  async stop(): Promise<void> {
    const answer = this.running.value;
    if (answer === null) return;
    // Until the server has named the turn there is nothing to stop there; it is stopped as soon as it is named.
    this.wantsStop = true;
    if (answer.turn === null) return backoff.wake();
    try {
      await api.stop(this.id, answer.turn);
    } catch (error) {
      if (error instanceof Problem) this.told.problem(error);
      else throw error;
    }
  }

  /** Stops reading; the turn goes on. */
  leave(): void {
    this.following?.abort();
    this.following = null;
  }

  /** Shows a turn from its stream to its end, over as many lines as that takes. */
  private async follow(answer: Message, sent: api.Question | null): Promise<void> {
    this.following?.abort();
    const aborter = new AbortController();
    this.following = aborter;
    this.running.value = answer;
    this.wantsStop = false;
    this.told.begun(this);
    const writer = new Writer(answer);
    try {
      for (let attempt = 1; !aborter.signal.aborted; attempt += 1) {
        let after: number | null = null;
        try {
          const chunks =
            answer.turn === null && sent
              ? await api.ask(sent, aborter.signal)
              : await api.resume(this.id, aborter.signal);
          const seen = chunks === null ? "another" : await this.read(chunks, answer, writer, sent);
          if (seen === "ended") return;
          if (seen === "another" && (await this.readEnd(answer))) return;
          if (seen === "moved") attempt = 1;
        } catch (error) {
          if (aborter.signal.aborted) return;
          const isGivenUp = answer.turn === null && (this.wantsStop || attempt >= MAX_TRIES);
          if (error instanceof Problem) {
            if (!error.isPassing || (error.status > 0 && isGivenUp)) return this.refuse(answer, error);
            after = error.retryAfterS;
          } else if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
          // Whatever breaks in the middle of a body is the line.
        }
        if (answer.turn === null && this.wantsStop) return this.refuse(answer, null);
        writer.flush();
        this.isCut.value = answer.turn !== null;
        await backoff.wait(attempt, aborter.signal, after);
      }
    } finally {
      writer.flush();
      if (this.following === aborter) {
        this.following = null;
        this.running.value = null;
        this.isCut.value = false;
        this.told.changed(this);
      }
    }
  }

  private async read(
    chunks: AsyncIterable<Chunk>,
    answer: Message,
    writer: Writer,
    sent: api.Question | null,
  ): Promise<"ended" | "another" | "moved" | "nothing"> {
    let hasMoved = false;
    for await (const chunk of chunks) {
      if (chunk.type === "start") {
        const turn = chunk.messageMetadata?.turn ?? null;
        // The newest turn is streamed, and that may be one that was asked elsewhere meanwhile.
        if (turn !== null && answer.turn !== null && turn !== answer.turn) return "another";
        if (turn !== null) this.name(answer, turn, sent);
      }
      this.isCut.value = false;
      hasMoved = true;
      if (writer.take(chunk)) return "ended";
    }
    return hasMoved ? "moved" : "nothing";
  }

  /** The server has a turn for the question: both messages get their ids. */
  private name(answer: Message, turn: string, sent: api.Question | null): void {
    if (answer.turn === turn) return;
    if (sent) outbox.remove(sent.key);
    const question = answer.parentId === null ? undefined : this.tree.get(answer.parentId);
    if (question && question.turn === null) {
      question.turn = turn;
      question.state.value = "done";
      this.tree.rename(question, `${turn}-q`);
    }
    answer.turn = turn;
    this.tree.rename(answer, `${turn}-a`);
    this.told.changed(this);
    if (this.wantsStop) void this.stop();
  }

  /**
   * The turn is not the one that is streamed: it has ended while nobody read it, and what was stored is its answer.
   * Returns whether that is so.
   */
  private async readEnd(answer: Message): Promise<boolean> {
    const read = await api.conversations.read(this.id);
    if (read.running !== null && read.running === answer.turn) return false;
    this.running.value = null;
    this.addAll(read);
    if (answer.state.value === "waiting" || answer.state.value === "writing") answer.state.value = "failed";
    return true;
  }

  /** The question was not taken, or not any more: it stays to be sent again, also by the next page. */
  private refuse(answer: Message, problem: Problem | null): void {
    const question = answer.parentId === null ? undefined : this.tree.get(answer.parentId);
    if (question && question.turn === null) {
      question.state.value = "unsent";
      if (question.sent) outbox.refuse(question.sent.key);
    }
    answer.state.value = "failed";
    answer.failure.value = problem?.detail ?? "";
    if (problem?.isRefusal) answer.refusal.value = problem;
    else if (problem) this.told.problem(problem);
  }
}
