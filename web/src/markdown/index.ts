// What the rest of the page uses of this folder.
export { Markdown, type MarkdownProps } from "./Markdown";
export { MarkdownContext, type MarkdownSettings } from "./settings";
export { ENGLISH as MARKDOWN_ENGLISH, JAPANESE as MARKDOWN_JAPANESE, type MarkdownWords } from "./words";
export { copyText } from "./clipboard";
export { CopyButton } from "./CopyButton";
export { safeLink } from "./links";
export { HTML_ATTRIBUTES, HTML_ELEMENTS, MATH_ATTRIBUTES, MATH_ELEMENTS } from "./allowed";
