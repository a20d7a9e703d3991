// One message, and what can be done with it.

import { useSignal } from "@preact/signals";
import { memo } from "preact/compat";

import { CopyButton } from "../markdown";
import type { Conversation } from "../store/conversation";
import { files as filesApi } from "../api/chat";
import type { Message } from "../store/message";
import { say } from "../store/notices";
import { moment, words } from "../words/words";
import { Answer } from "./Answer";
import { split } from "./attached";
import { Details } from "./Details";
import { EditQuestion } from "./EditQuestion";
import { Icon, IconButton } from "./Icon";
import { Refusal } from "./Refusal";
import { canRead, reading, readAloud } from "./speech";

interface Props {
  message: Message;
  conversation: Conversation;
  isLast: boolean;
}

export const MessageView = memo(function MessageView({ message, conversation, isLast }: Props) {
  return message.role === "user" ? (
    <Question message={message} conversation={conversation} isLast={isLast} />
  ) : (
    <AnswerView message={message} conversation={conversation} isLast={isLast} />
  );
});

function Question({ message, conversation, isLast }: Props) {
  const isEditing = useSignal(false);
  const { log } = words.value;
  const { text, files } = split(message.text.value);
  const state = message.state.value;
  const isBusy = conversation.running.value !== null;
  if (isEditing.value) {
    return (
      <article class="message question" aria-label={log.you}>
        <EditQuestion
          text={message.text.value}
          onDone={(edited) => {
            if (edited === null || conversation.ask(edited, message, message.files)) isEditing.value = false;
          }}
        />
      </article>
    );
  }
  return (
    <article class="message question" aria-label={log.you} data-state={state}>
      <h2 class="visually-hidden">{log.you}</h2>
      <div class="bubble" dir="auto">
        {text}
        {files.map((file) => (
          <details class="file-shown" key={file.name}>
            <summary>
              <Icon name="file" />
              {log.attached(file.name)}
            </summary>
            <pre dir="ltr">{file.text}</pre>
          </details>
        ))}
        {message.files.length > 0 && <KeptFiles files={message.files} />}
      </div>
      <div class="actions">
        {state === "sending" && <span class="dim">{log.sending}</span>}
        {state === "unsent" && <span class="failure">{log.unsent}</span>}
        {state === "failed" && isLast && <span class="failure">{log.failed}</span>}
        {(state === "unsent" || (state === "failed" && isLast)) && (
          <button type="button" class="quiet" onClick={() => conversation.again(message)}>
            {log.retry}
          </button>
        )}
        <Branches message={message} conversation={conversation} />
        <Time at={message.at} />
        <Copy text={() => message.text.value} />
        <IconButton
          icon="edit"
          does="edit"
          label={log.edit}
          isDisabled={isBusy}
          onClick={() => (isEditing.value = true)}
        />
      </div>
    </article>
  );
}

/** Files that the Worker keeps: images are shown, every other one can be opened. */
function KeptFiles({ files }: { files: Message["files"] }) {
  const { log } = words.value;
  return (
    <ul class="kept-files">
      {files.map(({ id, name, type }) => (
        <li key={id}>
          <a href={filesApi.at(id)} target="_blank" rel="noopener">
            {type.startsWith("image/") ? (
              <img src={filesApi.at(id)} alt={log.attached(name)} loading="lazy" />
            ) : (
              <>
                <Icon name="file" />
                <span dir="auto">{name}</span>
              </>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function AnswerView({ message, conversation, isLast }: Props) {
  const { log } = words.value;
  const state = message.state.value;
  const isShown = useSignal(false);
  const isOpen = state === "waiting" || state === "writing";
  const question = message.parentId === null ? undefined : conversation.tree.get(message.parentId);
  if (message.refusal.value) return <Refusal problem={message.refusal.value} />;
  if (state === "failed" && question?.state.value === "unsent") return null;
  return (
    <article class="message answer" aria-label={words.value.appName} data-state={state}>
      <h2 class="visually-hidden">{words.value.appName}</h2>
      <Answer message={message} />
      {!isOpen && (
        <div class="actions">
          {message.text.value !== "" && <Copy text={() => message.text.value} />}
          {question && (
            <IconButton
              icon="again"
              label={state === "failed" ? log.retry : log.again}
              isDisabled={conversation.running.value !== null}
              onClick={() => conversation.again(question)}
            />
          )}
          {canRead && message.text.value !== "" && (
            <IconButton
              icon="sound"
              label={reading.value === message.key ? log.readStop : log.read}
              isPressed={reading.value === message.key}
              onClick={() => readAloud(message)}
            />
          )}
          {message.turn !== null && (
            <IconButton
              icon="info"
              label={log.details}
              isExpanded={isShown.value}
              onClick={() => (isShown.value = !isShown.value)}
            />
          )}
          <Branches message={message} conversation={conversation} />
          {isLast ? null : <Time at={message.at} />}
        </div>
      )}
      {isShown.value && message.turn !== null && (
        <Details conversation={conversation.id} turn={message.turn} />
      )}
    </article>
  );
}

/** The button of code, drawn as the others here. */
function Copy({ text }: { text: () => string }) {
  return (
    <CopyButton
      class="icon-button"
      text={text}
      onFailed={() => say(words.value.log.copyFailed, { isProblem: true })}
      icon={(isCopied) => <Icon name={isCopied ? "done" : "copy"} />}
    />
  );
}

/** Leads from one version of a message to the others. */
function Branches({ message, conversation }: { message: Message; conversation: Conversation }) {
  const all = conversation.tree.siblings(message);
  if (all.length < 2) return null;
  const at = all.indexOf(message);
  const { log } = words.value;
  const isBusy = conversation.running.value !== null;
  const go = (by: number) => {
    const to = all[at + by];
    if (to) conversation.tree.show(to);
  };
  return (
    <span class="branches" role="group" aria-label={log.branch(at + 1, all.length)}>
      <IconButton icon="before" label={log.before} isDisabled={isBusy || at === 0} onClick={() => go(-1)} />
      <span aria-hidden="true">
        {at + 1}/{all.length}
      </span>
      <IconButton
        icon="next"
        label={log.next}
        isDisabled={isBusy || at === all.length - 1}
        onClick={() => go(1)}
      />
    </span>
  );
}

function Time({ at }: { at: string | null }) {
  if (at === null) return null;
  return (
    <time class="dim" dateTime={at}>
      {moment(at)}
    </time>
  );
}
