// One conversation: its messages, and the turn that is being answered.
//
// The server owns every turn. The page shows its stream while there is one; where the line is cut, where another
// tab asked, or after a reload, it takes the stream again from its beginning, or reads what was stored meanwhile.

import { signal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Chunk, Read } from "../api/types";
import { type Message, message, stored, Writer } from "./message";
import { outbox } from "./outbox";
import { Tree } from "./tree";
import { backoff } from "./wait";

/** What there is to show. */
export type Load = "new" | "loading" | "ready" | "failed" | "gone";

/** What else a conversation tells the page. */
export interface Told {
  /** A turn was taken, or has ended: the list has another order, and other tabs have something to read. */
  changed: (conversation: Conversation) => void;
  /** Something went wrong that is no message's. */
  problem: (problem: Problem) => void;
}

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
      if (this.load.value === "loading")
        this.load.value = error.status === 404 || error.status === 410 ? "gone" : "failed";
      if (error.status !== 404) this.told.problem(error);
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
    const isFirst = this.tree.last === null;
    this.title.value = read.title;
    const isAtEnd = isFirst || this.running.value === null;
    const before = this.tree.last;
    const isNew = this.addAll(read);
    if (isFirst) this.older.value = read.cursor;
    if (isNew && isAtEnd && (isFirst || before === null || this.isBehind(before))) this.tree.showNewest();
    for (const question of this.tree.path.value) this.settle(question, read.running);
    if (read.running !== null && this.following === null) {
      const answer = this.answerOf(read.running);
      if (answer) void this.follow(answer, null);
    }
  }

  /** Whether something follows the last message that is shown. */
  private isBehind(last: Message): boolean {
    for (const it of this.tree.all()) if (it.parentId === last.id) return true;
    return false;
  }

  /** A question that is not being answered and has no answer has failed. */
  private settle(question: Message, running: string | null): void {
    if (question.role !== "user" || question.turn === running || question.state.value !== "done") return;
    if (this.tree.last === question && this.running.value === null) question.state.value = "failed";
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
  private answerOf(turn: string): Message | null {
    const known = this.tree.get(`${turn}-a`);
    if (known) return known;
    const question = this.tree.get(`${turn}-q`);
    if (!question) return null;
    const answer = message(
      { id: `${turn}-a`, parentId: question.id, role: "assistant", turn },
      "",
      "waiting",
    );
    question.state.value = "done";
    this.tree.add(answer, this.tree.last === question);
    return answer;
  }

  /** Asks something, behind the branch that is shown or in place of an earlier question. */
  ask(text: string, replaced: Message | null = null): void {
    const id = crypto.randomUUID();
    const parentId = replaced ? replaced.parentId : (this.lastTaken()?.id ?? null);
    const question = message({ id: `${id}-q`, parentId, role: "user" }, text, "sending");
    this.tree.add(question, true);
    const sent: api.Question = { conversation: this.id, key: id, message: id, text };
    if (replaced) sent.replaces = replaced.id;
    else if (parentId !== null) sent.parent = parentId;
    this.submit(sent, question);
  }

  /** Returns the last message of the branch that is shown which the server has. */
  private lastTaken(): Message | null {
    return this.tree.path.value.findLast((it) => it.turn !== null) ?? null;
  }

  /** Asks for another answer to a question. */
  again(question: Message): void {
    const answers = [...this.tree.all()].filter((it) => it.parentId === question.id);
    const of = answers.at(-1) ?? question;
    const key = crypto.randomUUID();
    const sent: api.Question = {
      conversation: this.id,
      key,
      message: question.id,
      text: question.text.value,
      again: of.id,
    };
    this.submit(sent, question);
  }

  /** Sends what was written before the page went away. */
  sendAgain(sent: api.Question): void {
    this.load.value = "ready";
    const question = message(
      { id: `${sent.key}-q`, parentId: sent.parent ?? this.tree.last?.id ?? null, role: "user" },
      sent.text,
      "sending",
    );
    this.tree.add(question, true);
    this.submit(sent, question);
  }

  private submit(sent: api.Question, question: Message): void {
    const isAgain = sent.again !== undefined;
    const answer = message({ id: `${sent.key}-a`, parentId: question.id, role: "assistant" }, "", "waiting");
    this.tree.add(answer, true);
    if (this.load.value === "new") this.load.value = "ready";
    outbox.put(sent);
    void this.follow(answer, async (signal) => {
      const chunks = await api.ask(sent, signal);
      outbox.remove(sent.key);
      if (!isAgain) question.state.value = "done";
      return chunks;
    }).then(() => outbox.remove(sent.key));
  }

  /** Stops the turn that runs, on the server. */
  async stop(): Promise<void> {
    const turn = this.running.value?.turn;
    if (!turn) {
      // It is not known yet to have been taken: nothing more is read of it, and it is not sent again.
      this.following?.abort();
      return;
    }
    try {
      await api.stop(this.id, turn);
    } catch (error) {
      if (error instanceof Problem) this.told.problem(error);
      else throw error;
    }
  }

  /** Goes on where the line was cut, without waiting: the browser says that it is back. */
  wake(): void {
    backoff.wake();
  }

  /** Stops reading; the turn goes on. */
  leave(): void {
    this.following?.abort();
    this.following = null;
  }

  /** Shows a turn from its stream to its end, over as many lines as that takes. */
  private async follow(
    answer: Message,
    begin: ((signal: AbortSignal) => Promise<AsyncIterable<Chunk>>) | null,
  ): Promise<void> {
    this.following?.abort();
    const aborter = new AbortController();
    this.following = aborter;
    this.running.value = answer;
    const writer = new Writer(answer);
    let isTaken = begin === null;
    let attempt = 0;
    try {
      while (!aborter.signal.aborted) {
        try {
          const chunks =
            isTaken || !begin ? await api.resume(this.id, aborter.signal) : await begin(aborter.signal);
          if (chunks === null) return await this.readEnd(answer);
          isTaken = true;
          const { hasEnded, hasMoved } = await this.read(chunks, answer, writer);
          if (hasEnded) return;
          if (hasMoved) attempt = 0;
        } catch (error) {
          if (aborter.signal.aborted) return;
          if (error instanceof Problem && !error.isPassing) return this.refuse(answer, error, isTaken);
          // Whatever breaks in the middle of a body is the line.
          if (
            !(error instanceof Problem) &&
            !(error instanceof TypeError) &&
            !(error instanceof DOMException)
          )
            throw error;
        }
        writer.flush();
        this.isCut.value = true;
        attempt += 1;
        await backoff.wait(attempt, aborter.signal);
      }
    } finally {
      writer.flush();
      if (this.following === aborter) {
        this.following = null;
        this.running.value = null;
        this.isCut.value = false;
        this.told.changed(this);
      }
      if (
        aborter.signal.aborted &&
        (answer.state.value === "waiting" || answer.state.value === "writing") &&
        !isTaken
      ) {
        this.tree.drop(answer);
      }
    }
  }

  private async read(
    chunks: AsyncIterable<Chunk>,
    answer: Message,
    writer: Writer,
  ): Promise<{ hasEnded: boolean; hasMoved: boolean }> {
    let hasMoved = false;
    for await (const chunk of chunks) {
      this.isCut.value = false;
      hasMoved = true;
      if (chunk.type === "start") this.name(answer, chunk.messageMetadata?.turn ?? null);
      if (writer.take(chunk)) return { hasEnded: true, hasMoved };
    }
    return { hasEnded: false, hasMoved };
  }

  /** The server has a turn for the question: both messages get their ids. */
  private name(answer: Message, turn: string | null): void {
    if (turn === null || answer.turn === turn) return;
    const question = answer.parentId === null ? undefined : this.tree.get(answer.parentId);
    if (question && question.turn === null) {
      question.turn = turn;
      question.state.value = "done";
      this.tree.rename(question, `${turn}-q`);
    }
    answer.turn = turn;
    this.tree.rename(answer, `${turn}-a`);
    this.told.changed(this);
  }

  /** The turn has ended while nobody read it: what was stored is its answer. */
  private async readEnd(answer: Message): Promise<void> {
    const read = await api.conversations.read(this.id);
    this.running.value = null;
    this.addAll(read);
    if (answer.state.value === "waiting" || answer.state.value === "writing") answer.state.value = "failed";
  }

  private refuse(answer: Message, problem: Problem, isTaken: boolean): void {
    const question = answer.parentId === null ? undefined : this.tree.get(answer.parentId);
    if (!isTaken && question && question.turn === null) question.state.value = "unsent";
    answer.state.value = "failed";
    answer.failure.value = problem.detail;
    this.told.problem(problem);
  }
}
