// Where questions are written: the field, files, voice, and the button that sends or stops.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { files as filesApi } from "../api/chat";
import { Problem } from "../api/http";
import { arrive, arrivingAt, expect, miss, receive } from "../store/arriving";
import { arrival, ask, isOnline, isWaiting, mayAsk, newDraft, panel, session } from "../store/app";
import type { Conversation } from "../store/conversation";
import { drafts } from "../store/drafts";
import { say, status } from "../store/notices";
import { sendKey } from "../store/preferences";
import { discard, upload } from "../store/uploads";
import { words } from "../words/words";
import {
  type Attached,
  bytesOf,
  isKept,
  isText,
  LONG_PASTE,
  MAX_BYTES,
  MAX_KEPT,
  withAttached,
} from "./attached";
import { Icon, IconButton } from "./Icon";
import { isComposing } from "./shortcuts";
import { canListen, listen } from "./speech";

/** From this share of the room on, what is used of it is shown. */
const NEARLY_FULL = 0.75;
const hasKeyboard = () => matchMedia("(hover: hover) and (pointer: fine)").matches;

export function Composer({
  conversation,
  onSent,
}: {
  conversation: Conversation | null;
  onSent?: () => void;
}) {
  const id = conversation?.id ?? newDraft.value;
  const text = useSignal(drafts.read(id).text);
  const files = useSignal<Attached[]>(drafts.read(id).files);
  /** Names of the files that are on their way. */
  const sending = arrivingAt(id);
  // What goes on meanwhile, as a voice does, writes where this draft is by then.
  const draft = useRef(id);
  draft.current = id;
  const isOver = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const isShiftDown = useRef(false);
  const { composer: says } = words.value;
  // What is asked follows what was said, so that has to be there.
  const isReady = conversation === null || conversation.load.value === "ready";
  const sendings = useSignal(0);
  const isBusy = conversation !== null && conversation.running.value !== null;
  const whole = withAttached(text.value, files.value);
  const share = bytesOf(whole) / MAX_BYTES;
  const kept = files.value.filter(isKept);
  // A file alone asks nothing.
  const isGood = whole !== "" && share <= 1 && !isBusy;
  const isSending = sending.length > 0;
  const maySend = isGood && isReady && mayAsk.value && !isSending;
  const mayWait = isGood && (isWaiting.value || isSending || conversation?.load.value === "loading");
  // Sent before it is known who is here or what was said before, or before its files are there: it goes then.
  const isPending = useSignal(false);

  useEffect(() => {
    // Not from what can be taken back: the page is another one since it was deleted.
    const isAtNotice = document.activeElement?.closest(".notice") ?? null;
    if (hasKeyboard() && isAtNotice === null) field.current?.focus({ preventScroll: true });
  }, [conversation]);
  useEffect(() => grow(field.current), [text.value]);

  useEffect(() => {
    if (isPending.value && maySend) send();
  }, [maySend]);

  const write = (value: string) => {
    isPending.value = false;
    text.value = value;
    drafts.write(draft.current, { text: value, files: files.value });
  };
  const attach = (all: Attached[]) => {
    files.value = all;
    drafts.write(draft.current, { text: text.value, files: all });
  };
  const remove = (file: Attached) => {
    attach(files.value.filter((it) => it !== file));
    if (isKept(file)) discard(file);
  };
  useLayoutEffect(() => {
    // Nothing is asked without a file that was to come with it.
    const miss = () => (isPending.value = false);
    return receive(id, { attach: (file) => attach([...files.value, file]), miss });
  }, [id]);
  const send = () => {
    if (!maySend) {
      isPending.value = mayWait;
      return;
    }
    isPending.value = false;
    const [question, along] = [whole, kept.map(({ id, name, type }) => ({ id, name, type }))];
    files.value = [];
    write("");
    sendings.value += 1;
    ask(question, along);
    onSent?.();
    field.current?.focus();
  };
  /** Short texts are a part of the question. */
  const goesInside = (file: File) => isText(file) && file.size <= MAX_BYTES;
  /** Returns those files that may come along, and says of each other one why not. */
  const admitted = (list: Iterable<File>) => {
    let room = MAX_KEPT - files.value.filter(isKept).length - arrivingAt(draft.current).length;
    return [...list].filter((file) => {
      if (goesInside(file)) return true;
      if (!session.value?.isFiles) {
        say(isText(file) ? says.tooLong : says.notText(file.name), { isProblem: true });
        return false;
      }
      room -= 1;
      if (room < 0) say(says.tooMany(MAX_KEPT), { isProblem: true });
      return room >= 0;
    });
  };
  const take = async (list: Iterable<File>) => {
    // The list of a field or a drop is empty as soon as this waits.
    const given = [...list];
    // Which files may come is known when it is known who is here.
    await arrival();
    // All of them are on their way from now on: a question that is sent meanwhile waits for the last one.
    const all = admitted(given);
    const expected = all.map((file) => ({ file, it: expect(file.name, draft.current) }));
    for (const { file, it } of expected) {
      try {
        const known = goesInside(file) ? { name: file.name, text: await file.text() } : await upload(file);
        if (arrive(it, known)) status.value = says.attached(known.name);
        else if (isKept(known)) discard(known);
      } catch (error) {
        if (!miss(it)) continue;
        const why = error instanceof Problem && error.status !== 0 ? error.detail : says.notSent;
        say(says.refused(file.name, why), { isProblem: true });
      }
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    isShiftDown.current = event.shiftKey;
    if (isComposing(event)) return;
    if (event.key === "ArrowUp" && text.value === "" && conversation && !isBusy) {
      const buttons = document.querySelectorAll<HTMLButtonElement>(".question [data-does='edit']");
      const last = buttons[buttons.length - 1];
      if (last) {
        event.preventDefault();
        last.click();
      }
      return;
    }
    if (event.key !== "Enter") return;
    const isMod = event.ctrlKey || event.metaKey;
    const sends =
      sendKey.value === "mod-enter" ? isMod : isMod || (!event.shiftKey && !event.altKey && hasKeyboard());
    if (!sends) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const data = event.clipboardData;
    if (!data) return;
    if (data.files.length > 0) {
      event.preventDefault();
      void take(data.files);
      return;
    }
    const pasted = data.getData("text/plain");
    if (pasted.length <= LONG_PASTE || isShiftDown.current) return;
    event.preventDefault();
    attach([...files.value, { name: says.pasted(files.value.length + 1), text: pasted }]);
  };
  const onDrop = (event: DragEvent) => {
    isOver.value = false;
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    void take(event.dataTransfer.files);
  };

  return (
    <form
      class={`composer ${isOver.value ? "over" : ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={onDrop}
    >
      {files.value.length + sending.length > 0 && (
        <ul class="chips">
          {files.value.map((file, index) => (
            <li key={index}>
              {isKept(file) && file.type.startsWith("image/") ? (
                <img src={filesApi.at(file.id)} alt="" />
              ) : (
                <Icon name="file" />
              )}
              <span dir="auto">{file.name}</span>
              <IconButton icon="close" label={says.remove(file.name)} onClick={() => remove(file)} />
            </li>
          ))}
          {sending.map((name, index) => (
            <li key={`sending-${index}`} class="on-its-way">
              <Icon name="file" />
              <span dir="auto">{name}</span>
              <span class="dim">{says.sending}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="field">
        <label class="visually-hidden" for="question">
          {says.label}
        </label>
        <textarea
          id="question"
          ref={field}
          rows={1}
          dir="auto"
          placeholder={isOver.value ? says.drop : kept.length > 0 ? says.askAbout : says.placeholder}
          enterkeyhint={sendKey.value === "enter" && hasKeyboard() ? "send" : "enter"}
          aria-describedby="question-hint"
          value={text.value}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onKeyUp={(event) => (isShiftDown.current = event.shiftKey)}
          onPaste={onPaste}
        />
        <div class="field-buttons">
          <input
            ref={picker}
            type="file"
            class="visually-hidden"
            multiple
            tabIndex={-1}
            aria-hidden="true"
            onChange={(event) => {
              void take(event.currentTarget.files ?? []);
              event.currentTarget.value = "";
            }}
          />
          <IconButton
            icon="attach"
            label={session.value?.isFiles ? says.attachAny : says.attach}
            onClick={() => picker.current?.click()}
          />
          {canListen && <Voice key={sendings.value} before={() => text.value} write={write} />}
          <span class="spring" />
          {share >= NEARLY_FULL && (
            <span class={share > 1 ? "failure" : "dim"} role="status">
              {share > 1 ? says.tooLong : says.room(Math.round(share * 100))}
            </span>
          )}
          {isBusy ? (
            <button
              type="button"
              class="send stop"
              aria-label={says.stop}
              title={says.stop}
              onClick={() => void conversation.stop()}
            >
              <Icon name="stop" />
            </button>
          ) : mayAsk.value || isWaiting.value ? (
            <button
              type="submit"
              class="send"
              aria-label={says.send}
              title={says.send}
              disabled={!(maySend || mayWait) || !isOnline.value}
            >
              <Icon name="send" />
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => (panel.value = "sign-in")}>
              {words.value.signIn.button}
            </button>
          )}
        </div>
      </div>
      <p id="question-hint" class="hint">
        <span class="only-wide">{sendKey.value === "enter" ? says.hintEnter : says.hintModEnter} · </span>
        {says.mistakes}
      </p>
    </form>
  );
}

function Voice({ before, write }: { before: () => string; write: (text: string) => void }) {
  const stop = useSignal<(() => void) | null>(null);
  const { composer: says } = words.value;
  useEffect(() => () => stop.value?.(), []);
  const press = () => {
    if (stop.value) return stop.value();
    const start = before();
    const space = start === "" || /\s$/.test(start) ? "" : " ";
    status.value = says.listening;
    stop.value = listen(
      (heard) => write(start + space + heard),
      (failure) => {
        stop.value = null;
        if (failure !== null && failure !== "aborted") say(says.noSpeech, { isProblem: true });
      },
    );
  };
  return (
    <IconButton
      icon="mic"
      class="mic"
      label={stop.value ? says.listening : says.speak}
      isPressed={stop.value !== null}
      onClick={press}
    />
  );
}

/** Makes the field as high as its text, up to what its style allows. */
function grow(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
