// What is typed and not sent, for each conversation. It outlives a reload and a closed tab.

import { keep, kept } from "./storage";

const MAX_DRAFTS = 50;
/** Name of the draft of a conversation that there is not yet. */
export const NEW = "new";

type Drafts = Record<string, string>;

export const drafts = {
  read(conversation: string): string {
    const draft = kept<Drafts>("drafts", {})[conversation];
    return typeof draft === "string" ? draft : "";
  },

  write(conversation: string, text: string): void {
    const { [conversation]: _before, ...others } = kept<Drafts>("drafts", {});
    const newest = Object.entries(others).slice(-(MAX_DRAFTS - 1));
    if (text !== "") newest.push([conversation, text]);
    keep("drafts", newest.length > 0 ? Object.fromEntries(newest) : null);
  },
};
