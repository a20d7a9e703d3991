// A link to what was said until now: made, copied, ended.

import { useSignal } from "@preact/signals";

import * as api from "../api/chat";
import { Problem } from "../api/http";
import type { Share } from "../api/types";
import { current } from "../store/app";
import { report } from "../store/list";
import { say } from "../store/notices";
import { moment, words } from "../words/words";
import { copyText } from "./copy";
import { Panel } from "./Panel";

export function SharePanel() {
  const share = useSignal<Share | null>(null);
  const isBusy = useSignal(false);
  const at = current.value;
  const { share: says } = words.value;
  if (!at) return null;
  const doing = async (work: () => Promise<Share | null>, done?: string) => {
    isBusy.value = true;
    try {
      share.value = await work();
      if (done) say(done);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      report(error);
    } finally {
      isBusy.value = false;
    }
  };
  const it = share.value;
  return (
    <Panel title={says.title}>
      <p>{says.text}</p>
      {it && (
        <>
          <label for="share-link">{says.link}</label>
          <div class="field-row">
            <input
              id="share-link"
              type="text"
              readOnly
              value={it.url}
              onFocus={(event) => event.currentTarget.select()}
            />
            <button type="button" class="plain" onClick={() => void copyText(it.url)}>
              {words.value.log.copy}
            </button>
          </div>
          <p class="dim">{says.until(moment(it.expiresAt))}</p>
        </>
      )}
      <div class="button-row">
        <button
          type="button"
          class="primary"
          disabled={isBusy.value}
          onClick={() => void doing(() => api.conversations.share(at.id))}
        >
          {it ? says.again : says.make}
        </button>
        <button
          type="button"
          class="plain"
          disabled={isBusy.value}
          onClick={() => void doing(() => api.conversations.unshare(at.id), says.ended)}
        >
          {says.end}
        </button>
      </div>
    </Panel>
  );
}
