// Formulas that would link, load, style, loop or grow.

const SOURCES: readonly string[] = [
  "\\href{javascript:pwned()}{x}",
  "\\href{https://evil.example}{x}",
  "\\url{javascript:pwned()}",
  "\\includegraphics[height=1em]{https://evil.example/p.png}",
  "\\includegraphics{javascript:pwned()}",
  "\\htmlClass{md-link}{x}",
  "\\htmlId{app}{x}",
  "\\htmlStyle{background:url(https://evil.example/x)}{x}",
  "\\htmlData{x=y}{x}",
  "\\text{<script>pwned()</script>}",
  "\\text{<img src=x onerror=pwned()>}",
  "\\mathrm{</math><script>pwned()</script>}",
  "\\unicode{x3c}script\\unicode{x3e}",
  "\\color{red;background:url(https://evil.example)}x",
  "\\color{url(javascript:pwned())}x",
  '\\textcolor{"onclick=pwned()}{x}',
  "\\fcolorbox{red}{url(https://evil.example)}{x}",
  "\\fcolorbox{red}{blue}{x}",
  "\\pmb{x}\\boldsymbol{y}\\cancel{z}\\boxed{w}",
  "\\rule{9999em}{9999em}",
  "\\kern{9999em}x\\hspace{-9999em}y",
  "\\Huge\\Huge\\Huge x",
  "\\raisebox{9999em}{x}",
  "\\def\\a{\\a\\a}\\a",
  "\\def\\a#1{#1\\a{#1#1}}\\a{x}",
  "\\newcommand{\\b}{\\b}\\b",
  "\\gdef\\pwned{x}\\pwned",
  "\\gdef\\frac{pwned}",
  "\\let\\a=\\b\\let\\b=\\a\\a",
  "\\csname pwned\\endcsname",
  "\\input{/etc/passwd}",
  "\\write18{pwned}",
  "\\message{x}\\errmessage{y}",
  "\\__proto__",
  "\\constructor",
  "\\begin{constructor}x\\end{constructor}",
  "\\begin{__proto__}x\\end{__proto__}",
  "\\begin{array}{toString}x\\end{array}",
  "\\tag{<b>x</b>}x",
  "\\operatorname{<svg onload=pwned()>}",
  '\\char"3C\\char"2F',
  "\\verb|<script>pwned()</script>|",
  "\u0000\u202e\u200bx",
  "\\frac",
  "}{",
  "\\\\\\\\",
];

const HUGE: readonly string[] = [
  "{".repeat(3000),
  `${"{".repeat(2000)}x${"}".repeat(2000)}`,
  `${"\\frac{".repeat(200)}x${"}{y}".repeat(200)}`,
  `${"\\sqrt{".repeat(300)}x${"}".repeat(300)}`,
  "x^".repeat(900),
  `x${"_{x".repeat(400)}${"}".repeat(400)}`,
  "\\left(".repeat(300),
  `\\begin{matrix}${"x & ".repeat(800)}\\end{matrix}`,
  `\\begin{matrix}${"x \\\\ ".repeat(800)}\\end{matrix}`,
  `\\def\\a{xxxxxxxxxx}\\def\\b{${"\\a".repeat(10)}}\\def\\c{${"\\b".repeat(10)}}\\def\\d{${"\\c".repeat(10)}}${"\\d".repeat(10)}`,
];

function forms(source: string): string {
  return [`$${source}$`, `\\(${source}\\)`, `$$\n${source}\n$$`, `\\[\n${source}\n\\]`].join("\n\n");
}

export const MATH = [...SOURCES, ...HUGE].map(forms);
