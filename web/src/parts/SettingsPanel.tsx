// How the page looks and sends, and whose it is.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Usage } from "../api/types";
import { isByAccess, panel, session, signOut, signOutOfAccess } from "../store/app";
import { language, sendKey, theme } from "../store/preferences";
import { en } from "../words/en";
import { ja } from "../words/ja";
import { money, words } from "../words/words";
import { Panel } from "./Panel";

export function SettingsPanel() {
  const { settings: says, signIn } = words.value;
  const who = session.value;
  const isLeaving = useSignal(false);
  return (
    <Panel title={says.title}>
      <Choice
        label={says.language}
        value={language.value}
        of={[
          ["en", en.name],
          ["ja", ja.name],
        ]}
        onChoose={(it) => (language.value = it)}
      />
      <Choice
        label={says.theme}
        value={theme.value}
        of={[
          ["auto", says.auto],
          ["light", says.light],
          ["dark", says.dark],
        ]}
        onChoose={(it) => (theme.value = it)}
      />
      <Choice
        label={says.send}
        value={sendKey.value}
        of={[
          ["enter", says.sendEnter],
          ["mod-enter", says.sendModEnter],
        ]}
        onChoose={(it) => (sendKey.value = it)}
      />
      {who && who.who !== "nobody" && <Used />}
      <section class="account">
        <h3>{says.account}</h3>
        {who?.who === "person" ? (
          <>
            <p dir="auto">{who.name ?? ""}</p>
            {isByAccess.value && <p class="dim">{signIn.accessText}</p>}
            <div class="button-row">
              {isByAccess.value ? (
                <Button onClick={() => void signOutOfAccess()}>{signIn.accessOut}</Button>
              ) : (
                <>
                  <Button onClick={() => void signOut(false).then(close)}>{signIn.out}</Button>
                  <Button onClick={() => void signOut(true).then(close)}>{signIn.outEverywhere}</Button>
                </>
              )}
            </div>
          </>
        ) : (
          <>
            {who?.who === "visitor" && <p>{signIn.visitor}</p>}
            <div class="button-row">
              <button type="button" class="primary" onClick={() => (panel.value = "sign-in")}>
                {signIn.button}
              </button>
              {who?.who === "visitor" && !isLeaving.value && (
                <Button onClick={() => (isLeaving.value = true)}>{signIn.leave}</Button>
              )}
            </div>
            {who?.who === "visitor" && isLeaving.value && (
              <div class="surely" role="group" aria-label={signIn.leave}>
                <p role="status">{signIn.leaveText}</p>
                <button type="button" class="danger" onClick={() => void signOut(false).then(close)}>
                  {signIn.leaveSurely}
                </button>
                <button type="button" class="quiet" onClick={() => (isLeaving.value = false)}>
                  {words.value.cancel}
                </button>
              </div>
            )}
          </>
        )}
      </section>
      {who && <p class="dim">{says.version(who.version)}</p>}
    </Panel>
  );
}

const close = () => {
  panel.value = null;
};

function Button({ children, onClick }: { children: ComponentChildren; onClick: () => void }) {
  return (
    <button type="button" class="plain" onClick={onClick}>
      {children}
    </button>
  );
}

function Choice<T extends string>(props: {
  label: string;
  value: T;
  of: [T, string][];
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="segments">
        {props.of.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.label}
              checked={props.value === value}
              onChange={() => props.onChoose(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Used() {
  const usage = useSignal<Usage | null>(null);
  useEffect(() => {
    api.usage.read().then(
      (read) => (usage.value = read),
      (error: unknown) => {
        // A key without this scope shows nothing here.
        if (!(error instanceof Problem)) throw error;
      },
    );
  }, []);
  const it = usage.value;
  if (it === null) return null;
  const { settings: says } = words.value;
  return (
    <section>
      <h3>{says.usage}</h3>
      <p>
        {says.questions(it.today.questions)} · {money(it.today.costNanoUsd)}
      </p>
      {it.budget && (
        <>
          <meter
            class="budget"
            min={0}
            max={it.budget.limitNanoUsd}
            value={it.budget.leftNanoUsd}
            aria-label={says.left(money(it.budget.leftNanoUsd))}
          />
          <p class="dim">{says.left(money(it.budget.leftNanoUsd))}</p>
        </>
      )}
    </section>
  );
}
