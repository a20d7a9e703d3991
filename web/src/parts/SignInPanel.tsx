// Two ways in: a code from a messenger, or a key of the API.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { Problem } from "../api/http";
import { session, signIn } from "../store/app";
import { words } from "../words/words";
import { Panel } from "./Panel";

const CODE = {
  type: "text",
  class: "code",
  autocomplete: "one-time-code",
  autocapitalize: "characters",
} as const;
const KEY = { type: "password", autocomplete: "off" } as const;

export function SignInPanel() {
  const { signIn: says } = words.value;
  const ways = session.value?.signIn ?? ["key"];
  return (
    <Panel title={says.title}>
      {ways.includes("code") && (
        <Way title={says.codeTitle} text={says.codeText} label={says.code} by="code" />
      )}
      {ways.includes("key") && <Way title={says.keyTitle} text={says.keyText} label={says.key} by="key" />}
    </Panel>
  );
}

function Way({ title, text, label, by }: { title: string; text: string; label: string; by: "code" | "key" }) {
  const id = useId();
  const value = useSignal("");
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const { signIn: says } = words.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    const given = value.value.trim();
    if (given === "" || isBusy.value) return;
    isBusy.value = true;
    failure.value = "";
    try {
      await signIn(by === "code" ? { code: given } : { key: given });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const isWrong = error.status === 400 || error.status === 401;
      failure.value = isWrong ? (by === "code" ? says.wrongCode : says.wrongKey) : words.value.problem(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form class="way" onSubmit={submit}>
      <h3>{title}</h3>
      <p>{text}</p>
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          id={id}
          {...(by === "code" ? CODE : KEY)}
          spellcheck={false}
          value={value.value}
          aria-invalid={failure.value !== ""}
          aria-describedby={`${id}-why`}
          onInput={(event: { currentTarget: HTMLInputElement }) => (value.value = event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={isBusy.value || value.value.trim() === ""}>
          {says.button}
        </button>
      </div>
      <p id={`${id}-why`} class="failure" role="alert">
        {failure.value}
      </p>
    </form>
  );
}
