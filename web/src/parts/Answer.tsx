// What Miyabi says: the tools that it used, the text as it grows, and how it ended.

import { Markdown } from "../markdown";
import type { Message } from "../store/message";
import { words } from "../words/words";

export function Answer({ message }: { message: Message }) {
  const state = message.state.value;
  const text = message.text.value;
  const { log } = words.value;
  const isOpen = state === "waiting" || state === "writing";
  return (
    <div class="answer-text">
      {message.steps.value.map((step) => (
        <p class={`step ${step.state}`} key={step.id}>
          <span class="step-mark" aria-hidden="true" />
          {log.tools(step.tools, step.state === "running")}
        </p>
      ))}
      {text !== "" && <Markdown text={text} isOpen={isOpen} />}
      {state === "waiting" && text === "" && (
        <p class="thinking">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{log.thinking}</span>
        </p>
      )}
      {state === "stopped" && <p class="ending">— {log.stopped}</p>}
      {state === "failed" && <p class="failure">{message.failure.value || log.failed}</p>}
    </div>
  );
}
