// The words of a sentence, without what they look like.
import type { Token } from "marked";
import { decodeEntities } from "./entities";
import { known } from "./tokens";

export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map(known)
    .map((token) => {
      if ("tokens" in token && token.tokens) return plainText(token.tokens);
      if (token.type === "text") return decodeEntities(token.text);
      return "text" in token ? token.text : token.raw;
    })
    .join("");
}
