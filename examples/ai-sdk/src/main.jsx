import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useState } from "react";
import { createRoot } from "react-dom/client";

// The id of the conversation is in the address, so a reload comes back to it.
location.hash ||= crypto.randomUUID();
const id = location.hash.slice(1);

const transport = new DefaultChatTransport({
  // Miyabi has the conversation itself: the newest message is all that it reads.
  prepareSendMessagesRequest: ({ messages, trigger, messageId }) => ({
    body: { id, messages: messages.slice(-1), trigger, messageId },
  }),
});

function Chat({ messages: initial }) {
  // An answer that is still being written is taken up again.
  const chat = useChat({ id, messages: initial, transport, resume: true });
  const [text, setText] = useState("");
  const isBusy = chat.status === "submitted" || chat.status === "streaming";

  const submit = (event) => {
    event.preventDefault();
    chat.sendMessage({ text });
    setText("");
  };

  return (
    <main>
      {chat.messages.map(({ id, role, parts }) => (
        <p key={id} style={{ whiteSpace: "pre-wrap" }}>
          <b>{role === "user" ? "You" : "Miyabi"}</b>{" "}
          {parts.map((part) => (part.type === "text" ? part.text : "")).join("")}
        </p>
      ))}
      {chat.error && <p role="alert">{chat.error.message}</p>}
      <form onSubmit={submit}>
        <input aria-label="Question" value={text} onChange={(event) => setText(event.target.value)} />
        <button disabled={isBusy || !text.trim()}>Ask</button>
        <button type="button" disabled={isBusy || !chat.messages.length} onClick={() => chat.regenerate()}>
          Another answer
        </button>
      </form>
    </main>
  );
}

// Edits and other answers stand beside each other: shown is what leads to the newest.
const read = await fetch(`/api/conversations/${id}`);
const stored = read.ok ? (await read.json()).messages : [];
const messages = [];
for (let last = stored.at(-1); last; last = stored.find(({ id }) => id === last.parentId)) messages.unshift(last);
createRoot(document.getElementById("root")).render(<Chat messages={messages} />);
