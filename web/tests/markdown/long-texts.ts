// Answers of 48 KB, each of one kind, for the benchmark.

const LENGTH = 48_000;

function filled(unit: (index: number) => string, head = ""): string {
  let text = head;
  for (let index = 0; text.length < LENGTH; index += 1) text += unit(index);
  return text.slice(0, LENGTH);
}

const SENTENCE =
  "The *quick* brown fox **jumps** over the `lazy` dog, see [the page](https://example.com/fox) or ask. ";
const LINE = '    let value = compute(index, "some text", 42) // and a comment\n';
const ITEM = "- An item with **bold** words, a [link](https://example.com/item) and `code` in it\n";

export const TEXTS: Readonly<Record<string, string>> = {
  mixed: filled(
    (index) =>
      `## Part ${String(index)}\n\n${SENTENCE.repeat(3)}\n\n${ITEM.repeat(4)}\n\`\`\`rust\n${LINE.repeat(6)}\`\`\`\n\n| a | b |\n|---|---|\n| 1 | **2** |\n| 3 | 4 |\n\nSo $x_${String(index)} = 1$ holds.\n\n> Quoted, ${SENTENCE}\n\n`,
  ),
  prose: filled(() => `${SENTENCE.repeat(4)}\n\n`),
  "one paragraph": filled(() => SENTENCE),
  "open code fence": filled(() => LINE, "```rust\n"),
  "one list": filled(() => ITEM),
  "one loose list": filled(() => `${ITEM}\n`),
  "one nested list": filled((index) => `${"  ".repeat(index % 4)}${ITEM}`),
  "one table": filled(
    (index) => `| ${String(index)} | **bold** cell | [link](https://example.com) | \`code\` |\n`,
    "| n | a | b | c |\n|---|---|---|---|\n",
  ),
  "one quote": filled(() => `> ${SENTENCE}\n`),
  japanese: filled(
    (index) =>
      `${String(index)}番目の段落です。**「重要」**な点は、\`コード\`と[リンク](https://example.com/)にあります。これは少し長い文です。\n\n`,
  ),
};
