// What is remembered of a person: seen, switched off, forgotten.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Memory } from "../api/types";
import { panel, show } from "../store/app";
import { report } from "../store/list";
import { say } from "../store/notices";
import { moment, words } from "../words/words";
import { IconButton } from "./Icon";
import { Panel } from "./Panel";

export function MemoryPanel() {
  const memory = useSignal<Memory | null>(null);
  const isAsking = useSignal(false);
  const { memory: says } = words.value;
  const doing = async (work: () => Promise<Memory | null>) => {
    try {
      memory.value = (await work()) ?? (await api.memory.read());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      report(error);
    }
  };
  useEffect(() => void doing(() => api.memory.read()), []);
  const forgetAll = async () => {
    isAsking.value = false;
    await doing(() => api.memory.forgetAll());
    say(says.forgotten);
  };
  const it = memory.value;
  return (
    <Panel title={says.title}>
      <p>{says.text}</p>
      {it === null ? (
        <p class="dim">{words.value.loading}</p>
      ) : (
        <>
          <label class="switch">
            <input
              type="checkbox"
              role="switch"
              checked={it.isOn}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                void doing(() => api.memory.turn(checked));
              }}
            />
            <span>{says.isOn}</span>
          </label>
          {it.facts.length === 0 ? (
            <div class="nothing">
              <p>{says.none}</p>
              <p class="dim">{says.noneText}</p>
            </div>
          ) : (
            <ul class="facts">
              {it.facts.map((fact) => (
                <li key={fact.id}>
                  <div>
                    <p dir="auto">{fact.text}</p>
                    <p class="dim">
                      <time dateTime={fact.at}>{moment(fact.at)}</time>
                      <From source={fact.source} />
                    </p>
                  </div>
                  <IconButton
                    icon="close"
                    label={says.forget(fact.text)}
                    onClick={() => void doing(() => api.memory.forget(fact.id))}
                  />
                </li>
              ))}
            </ul>
          )}
          {it.facts.length > 0 &&
            (isAsking.value ? (
              <div class="surely" role="group" aria-label={says.surely}>
                <p>{says.surely}</p>
                <button type="button" class="danger" onClick={() => void forgetAll()}>
                  {says.forgetAll}
                </button>
                <button type="button" class="quiet" onClick={() => (isAsking.value = false)}>
                  {words.value.cancel}
                </button>
              </div>
            ) : (
              <button type="button" class="quiet danger-text" onClick={() => (isAsking.value = true)}>
                {says.forgetAll}
              </button>
            ))}
        </>
      )}
    </Panel>
  );
}

/** Leads to the conversation that a fact is from, where it is one of the page. */
function From({ source }: { source: string | null }) {
  if (!source) return null;
  const id = /^web:([A-Za-z0-9._-]{1,64}):/.exec(source)?.[1];
  if (!id) return null;
  const open = (event: Event) => {
    event.preventDefault();
    panel.value = null;
    show(id);
  };
  return (
    <>
      {" · "}
      <a href={`#/c/${id}`} onClick={open}>
        {words.value.memory.from}
      </a>
    </>
  );
}
