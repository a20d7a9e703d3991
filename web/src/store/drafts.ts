// What is typed and attached and not sent, for each conversation. It outlives a reload and a closed tab.

import type { Attached } from "../parts/attached";
import { keep, kept } from "./storage";

const MAX_DRAFTS = 50;
/** Name of the draft of a conversation that there is not yet. */
export const NEW = "new";

export interface Draft {
  text: string;
  files: Attached[];
}

type Drafts = Record<string, Draft>;

function isDraft(it: unknown): it is Draft {
  const draft = it as Partial<Draft> | null;
  return typeof draft === "object" && typeof draft?.text === "string" && Array.isArray(draft.files);
}

export const drafts = {
  read(conversation: string): Draft {
    const draft = kept<Drafts>("drafts", {})[conversation];
    return isDraft(draft) ? draft : { text: "", files: [] };
  },

  write(conversation: string, draft: Draft): void {
    const { [conversation]: _before, ...others } = kept<Drafts>("drafts", {});
    const newest = Object.entries(others).slice(-(MAX_DRAFTS - 1));
    if (draft.text !== "" || draft.files.length > 0) newest.push([conversation, draft]);
    keep("drafts", newest.length > 0 ? Object.fromEntries(newest) : null);
  },

  forget(conversation: string): void {
    drafts.write(conversation, { text: "", files: [] });
  },
};
