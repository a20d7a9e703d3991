import { defineConfig } from "vitest/config";

// Tests in Chromium against a running Worker: `cargo xtask page test` starts both. They share a Worker and a lab,
// so one runs at a time.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
