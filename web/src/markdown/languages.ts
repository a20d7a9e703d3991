// The names of languages that can be coloured. The grammars are in `highlighter.ts`, which is loaded on demand.

/** From what people write after a fence to the grammar's name. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: "bash",
    sh: "bash",
    shell: "bash",
    zsh: "bash",
    console: "bash",
    c: "c",
    h: "c",
    "c++": "cpp",
    cpp: "cpp",
    hpp: "cpp",
    cc: "cpp",
    "c#": "csharp",
    cs: "csharp",
    csharp: "csharp",
    css: "css",
    scss: "css",
    diff: "diff",
    patch: "diff",
    docker: "dockerfile",
    dockerfile: "dockerfile",
    go: "go",
    golang: "go",
    html: "xml",
    xml: "xml",
    svg: "xml",
    vue: "xml",
    ini: "ini",
    toml: "ini",
    java: "java",
    javascript: "javascript",
    js: "javascript",
    jsx: "javascript",
    mjs: "javascript",
    json: "json",
    jsonc: "json",
    json5: "json",
    kotlin: "kotlin",
    kt: "kotlin",
    lua: "lua",
    markdown: "markdown",
    md: "markdown",
    php: "php",
    py: "python",
    python: "python",
    python3: "python",
    rb: "ruby",
    ruby: "ruby",
    rs: "rust",
    rust: "rust",
    sql: "sql",
    sqlite: "sql",
    postgresql: "sql",
    swift: "swift",
    ts: "typescript",
    tsx: "typescript",
    typescript: "typescript",
    yaml: "yaml",
    yml: "yaml",
  }),
);

/** The grammar for a language as it was written, if there is one. */
export function grammarOf(language: string): string | undefined {
  return NAMES.get(language.toLowerCase());
}

export function isHighlighted(language: string): boolean {
  return grammarOf(language) !== undefined;
}
