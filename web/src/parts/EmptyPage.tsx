// What there is before anything was said: a greeting, suggestions of the operator, and the way in.

import {
  ask,
  doubt,
  isArriving,
  isDown,
  mayAsk,
  panel,
  readSession,
  session,
  signOutOfAccess,
  switchTemporary,
} from "../store/app";
import { isNextTemporary } from "../store/temporary";
import { words } from "../words/words";
import { Composer } from "./Composer";
import { Icon } from "./Icon";

export function EmptyPage() {
  const { empty, temporary } = words.value;
  const who = session.value;
  if (who === null && !isDown.value && location.hash.startsWith("#/c/")) {
    return (
      <div class="empty" role="status" aria-label={words.value.loading}>
        <Seal />
      </div>
    );
  }
  if (doubt.value !== "") {
    const { signIn } = words.value;
    return (
      <div class="empty">
        <Seal />
        <h2>{signIn.accessDoubt}</h2>
        <p>{doubt.value}</p>
        <button type="button" class="primary" onClick={() => void signOutOfAccess()}>
          {signIn.accessOut}
        </button>
      </div>
    );
  }
  if (isDown.value) {
    return (
      <>
        <div class="empty">
          <Seal />
          <h2>{empty.down}</h2>
          <p>{empty.downText}</p>
          <button type="button" class="primary" onClick={() => void readSession()}>
            {empty.tryAgain}
          </button>
        </div>
        <Composer conversation={null} />
      </>
    );
  }
  // Until the Worker has said who is here, it can be typed already; what is typed is kept whatever it says.
  if (who?.who === "person" && !mayAsk.value) {
    const { refusal } = words.value;
    return (
      <div class="empty">
        <Seal />
        <h2>{refusal.scope}</h2>
        <p>{refusal.scopeText}</p>
        <button type="button" class="primary" onClick={() => (panel.value = "sign-in")}>
          {refusal.scopeDo}
        </button>
      </div>
    );
  }
  if (who !== null && !isArriving.value && !mayAsk.value) {
    return (
      <div class="empty">
        <Seal />
        <h2>{empty.signedOut}</h2>
        <p>{empty.signedOutText}</p>
        <button type="button" class="primary" onClick={() => (panel.value = "sign-in")}>
          {words.value.signIn.button}
        </button>
      </div>
    );
  }
  return (
    <>
      <div class="empty">
        <Seal />
        <h2>{isNextTemporary.value ? temporary.heading : empty.title}</h2>
        <p>{isNextTemporary.value ? temporary.text : empty.text}</p>
        <button type="button" class="switch" aria-pressed={isNextTemporary.value} onClick={switchTemporary}>
          <Icon name="temporary" />
          {temporary.begin}
        </button>
        {who !== null && mayAsk.value && who.suggestions.length > 0 && (
          <ul class="suggestions" aria-label={empty.suggestions}>
            {who.suggestions.map((it) => (
              <li key={it}>
                <button type="button" dir="auto" onClick={() => ask(it)}>
                  {it}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Composer conversation={null} />
    </>
  );
}

/** Miyabi's seal: 雅, elegance. */
function Seal() {
  return (
    <p class="seal" aria-hidden="true" lang="ja">
      雅
    </p>
  );
}
