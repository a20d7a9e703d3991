// Which key does what.

import { Fragment } from "preact";

import { words } from "../words/words";
import { Panel } from "./Panel";

export function KeySheet() {
  const { keys } = words.value;
  return (
    <Panel title={keys.title}>
      <dl class="key-sheet">
        {keys.list.map(([key, does]) => (
          <Fragment key={key}>
            <dt>
              {key.split(" + ").map((one, index) => (
                <Fragment key={one}>
                  {index > 0 && " + "}
                  <kbd>{one}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{does}</dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
