// In place of an answer: why the question was not taken, until when, and what can be done.

import type { Problem } from "../api/http";
import { panel } from "../store/app";
import { until, words } from "../words/words";
import { Icon } from "./Icon";

export function Refusal({ problem }: { problem: Problem }) {
  const { refusal: says } = words.value;
  if (problem.code === "quota_exceeded") {
    const { time, wait } = until(nextDay());
    return (
      <Card title={says.quota} detail={whose(problem.detail)}>
        <p>
          <strong>{says.quotaUntil(time, wait)}</strong>
        </p>
        <p class="dim">{says.quotaText}</p>
      </Card>
    );
  }
  if (problem.code === "insufficient_scope") {
    return (
      <Card title={says.scope} detail={says.scopeText}>
        <button type="button" class="plain" onClick={() => (panel.value = "sign-in")}>
          {says.scopeDo}
        </button>
      </Card>
    );
  }
  return <Card title={says.place} detail={problem.detail} />;
}

function Card(props: { title: string; detail: string; children?: preact.ComponentChildren }) {
  return (
    <div class="refusal" role="alert">
      <Icon name="pause" />
      <div>
        <h3>{props.title}</h3>
        <p dir="auto">{props.detail}</p>
        {props.children}
      </div>
    </div>
  );
}

/** The Worker says first whose budget it is, and then when it is new again, which the page says by its own clock. */
function whose(detail: string): string {
  return /^.*?[.。]/.exec(detail)?.[0] ?? detail;
}

/** Budgets are those of a day in UTC. */
function nextDay(): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1));
}
