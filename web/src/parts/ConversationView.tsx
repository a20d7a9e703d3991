// A conversation: its messages in a log that is followed while it is at its end, and the field below.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { Conversation } from "../store/conversation";
import type { Message } from "../store/message";
import { isTemporary } from "../store/temporary";
import { words } from "../words/words";
import { Composer } from "./Composer";
import { Icon } from "./Icon";
import { MessageView } from "./MessageView";
import { Pin } from "./pin";

export function ConversationView({ conversation }: { conversation: Conversation }) {
  const scroller = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const isPinned = useSignal(true);
  const pin = useRef<Pin | null>(null);
  useEffect(() => {
    if (!scroller.current || !inside.current) return;
    const it = new Pin(scroller.current, inside.current, (pinned) => (isPinned.value = pinned));
    pin.current = it;
    return () => it.end();
  }, []);
  const { log } = words.value;
  const load = conversation.load.value;
  const whole = conversation.tree.path.value;
  const path = useGradually(whole);
  const isWriting = conversation.running.value !== null;
  return (
    <>
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={log.label}
        aria-live="off"
        aria-busy={isWriting}
      >
        <div class="log" ref={inside}>
          {conversation.older.value !== null && <Older conversation={conversation} pin={pin} />}
          {isTemporary(conversation.id) && load !== "gone" && (
            <p class="note">
              <Icon name="temporary" />
              {words.value.temporary.note}
            </p>
          )}
          {load === "loading" && <Skeleton />}
          {load === "gone" && (
            <div class="nothing">
              <p>{log.gone}</p>
              <p class="dim">{isTemporary(conversation.id) ? words.value.temporary.gone : log.goneText}</p>
            </div>
          )}
          {load === "failed" && (
            <div class="nothing">
              <p>{log.loadFailed}</p>
              <button type="button" class="plain" onClick={() => void conversation.open()}>
                {words.value.empty.tryAgain}
              </button>
            </div>
          )}
          {(load === "gone" ? [] : path).map((message) => (
            <MessageView
              key={message.key}
              message={message}
              conversation={conversation}
              isLast={message === whole.at(-1)}
            />
          ))}
          {conversation.isCut.value && (
            <p class="cut" role="status">
              {log.reconnecting}
            </p>
          )}
        </div>
      </div>
      {!isPinned.value && (
        <button type="button" class="latest" onClick={() => pin.current?.toEnd()}>
          <Icon name="down" />
          <span>{log.latest}</span>
        </button>
      )}
      {load !== "gone" && <Composer conversation={conversation} onSent={() => pin.current?.toEnd()} />}
    </>
  );
}

/** How many messages are drawn at once, from the end. */
const AT_ONCE = 24;

/** Returns the end of a branch, and a moment later all of it: who opens a conversation sees its end first. */
function useGradually(whole: Message[]): Message[] {
  const count = useSignal(AT_ONCE);
  const isWhole = count.value >= whole.length;
  useEffect(() => {
    if (isWhole) return;
    const timer = setTimeout(() => (count.value *= 2));
    return () => clearTimeout(timer);
  }, [isWhole, count.value]);
  return isWhole ? whole : whole.slice(-count.value);
}

function Older({ conversation, pin }: { conversation: Conversation; pin: { current: Pin | null } }) {
  const isBusy = useSignal(false);
  const read = async () => {
    isBusy.value = true;
    const restore = pin.current?.hold();
    await conversation.readOlder();
    isBusy.value = false;
    restore?.();
  };
  return (
    <button type="button" class="plain older" disabled={isBusy.value} onClick={() => void read()}>
      {isBusy.value ? words.value.loading : words.value.log.older}
    </button>
  );
}

/** What a conversation looks like while it is read. */
function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label={words.value.loading}>
      <span class="bar short" />
      <span class="bar" />
      <span class="bar" />
      <span class="bar half" />
    </div>
  );
}
