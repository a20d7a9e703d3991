// Notes below an answer, and the ways there and back.
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { inner, show } from "./render";

const TEXT =
  "B[^b] a[^a] b again[^b] none[^none] `[^a]`\n\n[^a]: First\n[^b]: Second *note*\n[^c]: Unmentioned\n";

describe("footnotes", () => {
  it("are numbered in the order in which they are mentioned, and all are shown", () => {
    const shown = show(TEXT);
    const refs = [...shown.root.querySelectorAll(".md-note-ref")].map((ref) => ref.textContent);
    expect(refs).toEqual(["1", "2", "1"]);
    const notes = [...shown.root.querySelectorAll(".md-notes li p")].map((note) => note.textContent);
    expect(notes).toEqual(["Second note", "First", "Unmentioned"]);
    expect(shown.root.textContent).toContain("none[^none]");
    expect(shown.root.querySelector("code")?.textContent).toBe("[^a]");
    shown.remove();
  });

  it("keep their labels while the answer is written", () => {
    const shown = show(TEXT, true);
    expect([...shown.root.querySelectorAll(".md-note-ref")].map((ref) => ref.textContent)).toEqual([
      "b",
      "a",
      "b",
      "none",
    ]);
    shown.remove();
  });

  it("lead there and back by moving the focus", () => {
    const shown = show(TEXT);
    Element.prototype.scrollIntoView = () => undefined;
    void act(() => shown.root.querySelectorAll<HTMLButtonElement>(".md-note-link")[1]?.click());
    const note = document.activeElement?.closest("li");
    expect(note?.textContent).toContain("First");
    void act(() => note?.querySelector<HTMLButtonElement>(".md-note-back")?.click());
    expect(document.activeElement?.textContent).toBe("2");
    shown.remove();
  });

  it("may have lines, paragraphs and lists, up to the next text", () => {
    const shown = inner("x[^1]\n\n[^1]: One\n    two\n\n    - three\n\nAfter");
    expect(shown).toContain('<p dir="auto">One<br>two</p><ul dir="auto"><li dir="auto">three</li></ul>');
    expect(shown).toContain('<p dir="auto">After</p><section');
  });

  it("lead to those of their own answer", () => {
    const first = show(TEXT);
    const second = show(TEXT);
    Element.prototype.scrollIntoView = () => undefined;
    void act(() => second.root.querySelector<HTMLButtonElement>(".md-note-link")?.click());
    expect(second.root.contains(document.activeElement)).toBe(true);
    first.remove();
    second.remove();
  });

  it("that are gone lead nowhere", () => {
    const shown = show("a[^1]\n\n[^1]: b");
    const button = shown.root.querySelector<HTMLButtonElement>(".md-note-link");
    shown.root.querySelector(".md-notes li")?.remove();
    void act(() => button?.click());
    expect(document.activeElement).toBe(document.body);
    shown.root.remove();
  });
});
