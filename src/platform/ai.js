// Documents as Markdown, by the AI binding. Whatever it returns is cut here: a small document may become a text
// that fills the memory of the program twice over.

/** Returns `{text, isCut}`; without `text` where the service says that it cannot read the document. */
export const toMarkdown = async (ai, name, type, bytes, limit) => {
  // The bytes are the program's memory, which may move while the call is under way.
  const blob = new Blob([bytes.slice()], { type });
  const results = await ai.toMarkdown([{ name, blob }]);
  const data = (Array.isArray(results) ? results[0] : results)?.data;
  if (typeof data !== "string") return {};
  return { text: data.slice(0, limit).toWellFormed(), isCut: data.length > limit };
};
