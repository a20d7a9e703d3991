import { defineConfig } from "vite";

const { MIYABI_URL = "http://127.0.0.1:8787", MIYABI_KEY } = process.env;
if (!MIYABI_KEY) throw new Error("MIYABI_KEY is not set; the README says how to make a key");

// The key stays here: the page asks its own origin, and this server passes it on with the key.
const api = { target: MIYABI_URL, headers: { authorization: `Bearer ${MIYABI_KEY}` } };

export default defineConfig({
  esbuild: { jsx: "automatic" },
  server: { proxy: { "/api": api } },
  preview: { proxy: { "/api": api } },
});
