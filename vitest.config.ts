import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Beside the code: fast, no real processes. `*.real.test.ts` needs real parts (Postgres, Envoy, sockets of a whole process).
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: ["scripts/property-seed.ts"],
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts"],
          exclude: ["**/*.real.test.ts", "**/node_modules/**"],
          // Ends what hangs; on a loaded machine, property tests take long.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "real",
          setupFiles: ["scripts/property-seed.ts"],
          include: ["packages/*/src/**/*.real.test.ts", "apps/*/src/**/*.real.test.ts", "test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
