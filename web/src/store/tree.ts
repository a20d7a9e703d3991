// Messages of a conversation as a tree: an edited question and another answer are siblings, and nothing is lost.

import { computed, signal } from "@preact/signals";

import type { Message } from "./message";

export class Tree {
  private readonly byId = new Map<string, Message>();
  private readonly children = new Map<string | null, Message[]>();
  /** Changes whenever a message comes or goes. */
  private readonly shape = signal(0);
  /** Last message of the branch that is shown. */
  private readonly leaf = signal<Message | null>(null);

  /** The branch that is shown, oldest first. */
  readonly path = computed<Message[]>(() => {
    void this.shape.value;
    const path: Message[] = [];
    let at: Message | undefined = this.leaf.value ?? undefined;
    while (at && path.length <= this.byId.size) {
      path.push(at);
      at = at.parentId === null ? undefined : this.byId.get(at.parentId);
    }
    return path.reverse();
  });

  get last(): Message | null {
    return this.leaf.value;
  }

  get(id: string): Message | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<Message> {
    return this.byId.values();
  }

  /** Adds a message behind its parent, and shows its branch if it is to. */
  add(message: Message, isShown: boolean): void {
    this.byId.set(message.id, message);
    const siblings = this.children.get(message.parentId) ?? [];
    // Stored messages come in their order; what is older is put in front by its time.
    const index =
      message.at === null ? siblings.length : siblings.findIndex((it) => (it.at ?? "~") > (message.at ?? ""));
    siblings.splice(index === -1 ? siblings.length : index, 0, message);
    this.children.set(message.parentId, siblings);
    if (isShown) this.leaf.value = message;
    this.shape.value += 1;
  }

  /** Gives a message the id that the server has for it. */
  rename(message: Message, id: string): void {
    if (message.id === id) return;
    const known = this.byId.get(id);
    if (known) this.drop(known);
    this.byId.delete(message.id);
    const answers = this.children.get(message.id);
    this.children.delete(message.id);
    message.id = id;
    this.byId.set(id, message);
    for (const answer of answers ?? []) answer.parentId = id;
    if (answers) this.children.set(id, [...(this.children.get(id) ?? []), ...answers]);
    this.shape.value += 1;
  }

  /** Takes a message away, with what follows it. */
  drop(message: Message): void {
    for (const child of [...(this.children.get(message.id) ?? [])]) this.drop(child);
    this.children.delete(message.id);
    this.byId.delete(message.id);
    const siblings = this.children.get(message.parentId)?.filter((it) => it !== message) ?? [];
    this.children.set(message.parentId, siblings);
    if (this.leaf.value === message) {
      const parent = message.parentId === null ? undefined : this.byId.get(message.parentId);
      this.leaf.value = siblings.at(-1) ? this.deepest(siblings.at(-1)!) : (parent ?? null);
    }
    this.shape.value += 1;
  }

  /** Returns a message and its siblings, oldest first. */
  siblings(message: Message): Message[] {
    void this.shape.value;
    return (this.children.get(message.parentId) ?? []).filter((it) => it.role === message.role);
  }

  /** Shows the newest branch through a message. */
  show(message: Message): void {
    this.leaf.value = this.deepest(message);
  }

  /** Shows the newest branch of all. */
  showNewest(): void {
    let newest: Message | null = null;
    for (const it of this.byId.values())
      if (newest === null || (it.at ?? "~") >= (newest.at ?? "~")) newest = it;
    this.leaf.value = newest && this.deepest(newest);
  }

  private deepest(message: Message): Message {
    let at = message;
    for (;;) {
      const next = this.children.get(at.id)?.at(-1);
      if (!next) return at;
      at = next;
    }
  }
}
