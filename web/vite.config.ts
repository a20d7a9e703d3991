import { defineConfig } from "vitest/config";

// Names of files carry a hash of their content, so that a browser may keep them for ever.
export default defineConfig({
  build: {
    target: "es2022",
    // The build before is kept beside the new one: `cargo xtask build` removes what is older.
    emptyOutDir: false,
    manifest: "files.json",
    // It would be a script in the page itself, which the policy forbids.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["tests/{page,look,measure}/**"],
  },
});
