// `npm test`: sets up what is missing, then runs every test against real parts. Ends with "N passed, N failed, N skipped".
// In CI a skipped test is a failure: a part that was missing must not look like a part that works. What a machine makes impossible
// (rights, the kernel) is no failure, but is told with its reason.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

await import("./setup.mjs");
await import("./setup-parts.mjs");

const nightly = process.argv.includes("--nightly");
const filters = process.argv.slice(2).filter((argument) => argument !== "--nightly");
const report = ".cache/test-report.json";
rmSync(report, { force: true });
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters],
  { stdio: "inherit", env: { ...process.env, ...(nightly && { MERIDIAN_NIGHTLY: "1" }) } },
);
const {
  numPassedTests = 0,
  numFailedTests = 0,
  numPendingTests = 0,
  numTodoTests = 0,
  testResults = [],
} = JSON.parse(readFileSync(report, "utf8"));
const reasons = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status !== "passed" && status !== "failed")
  .flatMap(({ meta }) => meta?.impossible ?? []);
for (const reason of new Set(reasons)) {
  console.error(
    `${reasons.filter((other) => other === reason).length} test(s) were skipped, impossible on this machine: ${reason}`,
  );
}
const skipped = numPendingTests + numTodoTests;
const failed = status !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
const missing = process.env.CI ? skipped - reasons.length : 0;
if (missing > 0) console.error(`${missing} test(s) were skipped: in CI every real part must be there.`);
console.log(`${numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || missing > 0 || status !== 0 ? 1 : 0);
