// How an answer came to be: model, tools with what they were asked, sources, cost. Read when it is unfolded.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { TurnDetails } from "../api/types";
import { safeLink } from "../markdown";
import { language } from "../store/preferences";
import { money, words } from "../words/words";

export function Details({ conversation, turn }: { conversation: string; turn: string }) {
  const details = useSignal<TurnDetails | null>(null);
  const failure = useSignal("");
  useEffect(() => {
    api.conversations.details(conversation, turn).then(
      (read) => (details.value = read),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        failure.value = error.status === 404 ? words.value.details.none : words.value.problem(error);
      },
    );
  }, []);
  if (failure.value !== "") return <p class="details dim">{failure.value}</p>;
  const it = details.value;
  if (it === null) return <p class="details dim">{words.value.loading}</p>;
  return <Shown details={it} />;
}

function Shown({ details: it }: { details: TurnDetails }) {
  const { details: says } = words.value;
  const number = new Intl.NumberFormat(language.value);
  const seconds =
    it.startedAt && it.endedAt ? (Date.parse(it.endedAt) - Date.parse(it.startedAt)) / 1000 : null;
  const rows: [string, ComponentChildren][] = [];
  if (it.model) rows.push([says.model, it.model]);
  if (it.rounds !== null) rows.push([says.rounds, number.format(it.rounds)]);
  if (it.inputTokens !== null && it.outputTokens !== null) {
    rows.push([says.tokens, `${number.format(it.inputTokens)} · ${number.format(it.outputTokens)}`]);
  }
  if (it.costNanos !== null) rows.push([says.cost, money(it.costNanos)]);
  if (seconds !== null) rows.push([says.time, `${number.format(seconds)} s`]);
  if (rows.length === 0 && it.tools.length === 0 && it.sources.length === 0)
    return <p class="details dim">{says.none}</p>;
  return (
    <div class="details">
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {it.tools.length > 0 && (
        <>
          <h4>{says.tools}</h4>
          {it.tools.map((tool, index) => (
            <details class="tool" key={index}>
              <summary>
                <code>{tool.name}</code>
                {tool.ms !== null && <span class="dim"> {number.format(tool.ms)} ms</span>}
                {tool.state === "failed" && <span class="failure"> {says.failed}</span>}
              </summary>
              <pre dir="ltr">{JSON.stringify(tool.arguments, null, 2)}</pre>
            </details>
          ))}
        </>
      )}
      {it.sources.length > 0 && (
        <>
          <h4>{says.sources}</h4>
          <ul>
            {it.sources.map((source) => (
              <li key={source.url}>
                <Source {...source} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** A model has chosen it, so it is looked at as any link of an answer. */
function Source({ url, title }: { url: string; title: string | null }) {
  const link = safeLink(url, true);
  if (!link?.href.startsWith("http")) return <>{title ?? url}</>;
  return (
    <a href={link.href} target="_blank" rel="noopener noreferrer nofollow">
      {title || url} <span class="dim">({link.place})</span>
    </a>
  );
}
