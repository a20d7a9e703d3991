// Messages as a tree.

import { expect, test } from "vitest";

import { message } from "../../src/store/message";
import { Tree } from "../../src/store/tree";

function question(id: string, parentId: string | null) {
  return message({ id, parentId, role: "user" }, id, "done");
}

function answer(id: string, parentId: string) {
  return message({ id, parentId, role: "assistant" }, id, "done");
}

function grown() {
  const tree = new Tree();
  for (const it of [question("q1", null), answer("a1", "q1"), question("q2", "a1"), answer("a2", "q2")])
    tree.add(it, true);
  return tree;
}

const ids = (tree: Tree) => tree.path.value.map((it) => it.id);

test("a branch is shown from its root to its last message", () => {
  expect(ids(grown())).toEqual(["q1", "a1", "q2", "a2"]);
});

test("another answer and an edited question are siblings, and each is found again", () => {
  const tree = grown();
  tree.add(answer("a3", "q2"), true);
  expect(ids(tree)).toEqual(["q1", "a1", "q2", "a3"]);
  tree.add(question("q4", "a1"), true);
  tree.add(answer("a4", "q4"), true);
  expect(ids(tree)).toEqual(["q1", "a1", "q4", "a4"]);
  const first = tree.get("q2");
  if (!first) throw new Error("q2 is gone");
  expect(tree.siblings(first).map((it) => it.id)).toEqual(["q2", "q4"]);
  tree.show(first);
  expect(ids(tree)).toEqual(["q1", "a1", "q2", "a3"]);
});

test("a message keeps its place when the server names it, also where it was read meanwhile", () => {
  const tree = grown();
  const local = question("local-q", "a2");
  const growing = answer("local-a", "local-q");
  tree.add(local, true);
  tree.add(growing, true);
  // Another tab's news: the same two as they are stored.
  tree.add(question("t3-q", "a2"), false);
  tree.add(answer("t3-a", "t3-q"), false);
  tree.rename(local, "t3-q");
  tree.rename(growing, "t3-a");
  expect(ids(tree)).toEqual(["q1", "a1", "q2", "a2", "t3-q", "t3-a"]);
  expect(tree.siblings(local)).toEqual([local]);
  expect(tree.siblings(growing)).toEqual([growing]);
  expect(growing.parentId).toBe("t3-q");
});

test("what is dropped goes with what follows it, and the rest is shown", () => {
  const tree = grown();
  const second = tree.get("q2");
  if (!second) throw new Error("q2 is gone");
  tree.drop(second);
  expect(ids(tree)).toEqual(["q1", "a1"]);
  expect(tree.get("a2")).toBeUndefined();
});

test("a page whose older messages are not read yet begins where it can", () => {
  const tree = new Tree();
  tree.add(question("q9", "a8"), false);
  tree.add(answer("a9", "q9"), false);
  tree.showNewest();
  expect(ids(tree)).toEqual(["q9", "a9"]);
  const before = answer("a8", "q8");
  before.at = "2020-01-01T00:00:00Z";
  tree.add(before, false);
  expect(ids(tree)).toEqual(["a8", "q9", "a9"]);
});
