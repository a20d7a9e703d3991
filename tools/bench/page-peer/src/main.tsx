// A thread, markdown and a composer by assistant-ui's own parts, against the same route and stream as our page.

import {
  AssistantRuntimeProvider,
  type ChatModelAdapter,
  ComposerPrimitive,
  MessagePrimitive,
  ThreadPrimitive,
  useLocalRuntime,
} from "@assistant-ui/react";
import { MarkdownTextPrimitive } from "@assistant-ui/react-markdown";
import { createRoot } from "react-dom/client";

const model: ChatModelAdapter = {
  async *run({ messages, abortSignal }) {
    const reply = await fetch("/api/chat", { method: "POST", signal: abortSignal, body: JSON.stringify({ messages }) });
    const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (!event.startsWith("data: {")) continue;
        const chunk = JSON.parse(event.slice(6)) as { type: string; delta?: string };
        if (chunk.type === "text-delta") text += chunk.delta;
      }
      yield { content: [{ type: "text", text }] };
    }
  },
};

const Question = () => (
  <MessagePrimitive.Root className="question">
    <MessagePrimitive.Parts />
  </MessagePrimitive.Root>
);

const Answer = () => (
  <MessagePrimitive.Root className="answer">
    <MessagePrimitive.Parts components={{ Text: MarkdownTextPrimitive }} />
  </MessagePrimitive.Root>
);

function Page() {
  const runtime = useLocalRuntime(model);
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <ThreadPrimitive.Root>
        <ThreadPrimitive.Viewport style={{ height: "80vh", overflowY: "auto" }}>
          <ThreadPrimitive.Messages components={{ UserMessage: Question, AssistantMessage: Answer }} />
        </ThreadPrimitive.Viewport>
        <ComposerPrimitive.Root>
          <ComposerPrimitive.Input id="question" placeholder="Ask" />
          <ComposerPrimitive.Send>Send</ComposerPrimitive.Send>
        </ComposerPrimitive.Root>
      </ThreadPrimitive.Root>
    </AssistantRuntimeProvider>
  );
}

createRoot(document.getElementById("page")!).render(<Page />);
