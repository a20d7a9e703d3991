// A list, numbered or not, with or without boxes to tick.
import { useContext } from "preact/hooks";
import type { Token, Tokens } from "marked";
import { BlockList } from "./BlockList";
import { MarkdownContext } from "./settings";

interface Props {
  token: Tokens.List;
  isOpen: boolean;
  linkCount: number;
}

const TASK = /^\[[ xX]\][ \t]+/;

function TaskBox({ isDone }: { isDone: boolean }) {
  const { words } = useContext(MarkdownContext);
  return (
    <span
      class={isDone ? "md-task md-task-done" : "md-task"}
      role="img"
      aria-label={isDone ? words.taskDone : words.taskOpen}
    />
  );
}

/** In a loose list marked leaves the box in the text of the first paragraph. */
function withoutBox(tokens: readonly Token[]): Token[] {
  const rest = tokens.filter((token) => token.type !== "checkbox");
  const [first, ...others] = rest;
  if (first?.type !== "paragraph" && first?.type !== "text") return rest;
  return [{ ...first, text: (first as Tokens.Paragraph).text.replace(TASK, "") } as Token, ...others];
}

export function List({ token, isOpen, linkCount }: Props) {
  const items = token.items.map((item, index) => (
    <li key={index} dir="auto" class={item.task ? "md-task-item" : undefined}>
      {item.task && <TaskBox isDone={item.checked === true} />}
      <BlockList
        tokens={item.task ? withoutBox(item.tokens) : item.tokens}
        isOpen={isOpen && index === token.items.length - 1}
        linkCount={linkCount}
      />
    </li>
  ));
  if (!token.ordered) return <ul dir="auto">{items}</ul>;
  const start = typeof token.start === "number" && token.start !== 1 ? token.start : undefined;
  return (
    <ol dir="auto" start={start}>
      {items}
    </ol>
  );
}
