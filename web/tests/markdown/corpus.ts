// Honest answers of many shapes; each is also streamed with random cuts.

export const ANSWERS: Readonly<Record<string, string>> = {
  prose:
    "A first sentence.\nA second line, *with emphasis*, **strong**, ~~gone~~ and `code`.\n\nAnother paragraph  \nwith a hard break\\\nand another.\n",
  headings: "# One\n\ntext\n## Two\ntext\n\nSetext\n===\n\nLower\n---\n\n###### Six ######\n\n---\n\n***\n",
  lists:
    "- a\n- b\n  - c\n    - d\n- e\n\n1. one\n2. two\n\n3. three\n\n   para\n\n4. four\n\n* x\n\n* y\n\ntext\n\n7) seven\n8) eight\n",
  listThenNumber: "1. a\n\n2. b\n\n2 is a number.\n\n- x\n\n-\n\n- y\n\n--\n\n---\n",
  tasks: "- [ ] open\n- [x] done\n- plain\n\n* [x] loose\n\n* [ ] other\n",
  tables:
    "Before\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n| `x|y` | \\| |\n| only |\n\nAfter\n\na | b\n--|--\nc | d\ntext after\n",
  quotes: "> quote\n> more\nlazy\n\n> > nested\n> back\n\n> - list\n>   in quote\n\n> ```js\n> code\n> ```\n",
  code: 'Text:\n```rust\nfn main() {\n    println!("hi");\n}\n```\nAfter.\n\n    indented\n    code\n\n~~~~\n```\ninner\n```\n~~~~\n\n```\nno end\n``',
  links:
    '[a](https://example.com "t") <https://example.org/x> https://example.net/y?z=1. www.example.com\n\n[ref][one] and [one] and [two][]\n\n[one]: https://one.example "One"\n[two]: <https://two.example>\n\n![alt](https://img.example/x.png) a@b.example\n',
  math: "Inline $a*b$ and $c*d$, costs $5 and $10.\n\n$$\na\n+ b\n$$\n\nText:\n\\[\nx = y \\\\\n= z\n\\]\nand \\(q\\) and `$code$`.\n\n$$ open\nstill\n",
  footnotes:
    "See[^b] and[^a] and [^none].\n\n[^a]: The first\n    goes on.\n\n    And has a paragraph.\n[^b]: The *second* with `code`.\n\nAfter.\n",
  discord: "||secret **x**|| and a || b || c\n-# small line\nmore <t:1700000000:F> and <t:1>\n\n-# another\n",
  html: "a <b>bold</b> <br> b\n\n<div>\n*not*\n\n*yes*\n\n</div>\n\n<!-- comment\n\nstill -->\n\n<script>\nalert(1)\n\n</script>\n\nend\n",
  japanese:
    "# 見出し\n\n**太字**のテキスト。\n\n- 一\n- 二\n\n| 列 | 値 |\n|---|---|\n| あ | い |\n\n> 引用\n\n「**重要**」です。\n",
  rightToLeft: "שלום **עולם**\n\n- مرحبا\n- hello\n\n> سلام\n",
  mixed:
    "## Plan\n1. First\n   ```bash\n   ls -la\n   ```\n2. Second:\n   - x\n   - y\n\n   > quote in list\n\nDone.\r\n\r\nCRLF line\r\nnext\r\n",
  entities:
    "&lt;b&gt; &amp;amp; &copy; &#65; &#x42; &unknown; `&lt;`\n\n[x](https://e.example/?a=1&amp;b=2)\n",
};
