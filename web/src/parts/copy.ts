// Copying, and saying whether it worked.

import { copyText as copy } from "../markdown";
import { say, status } from "../store/notices";
import { words } from "../words/words";

export async function copyText(text: string): Promise<boolean> {
  const { copied, copyFailed } = words.value.log;
  const worked = await copy(text);
  if (worked) status.value = copied;
  else say(copyFailed, { isProblem: true });
  return worked;
}
