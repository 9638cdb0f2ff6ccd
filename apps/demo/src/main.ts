// `npm start`: a mesh across two zones on this machine. `--once` runs the scenario, checks what it saw and ends.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEnvoy } from "@meridian/dataplane";
import { DemoMesh } from "./mesh.ts";
import { obstacles } from "./preflight.ts";
import { Processes } from "./processes.ts";
import { check, describe, runScenario, startEverything } from "./scenario.ts";
import { bold, createPanel, dim, done, green, red, say } from "./terminal.ts";
import { globalPlane, ports, workloads } from "./topology.ts";
import { Traffic } from "./traffic.ts";

const once = process.argv.includes("--once");
const caller = workloads.find((workload) => workload.outbound);
const directory = mkdtempSync(join(tmpdir(), "meridian-demo-"));
const processes = new Processes(
  join(directory, "logs"),
  (name, logFile) => void fail(`${name} ended unexpectedly; the end of its log:\n${tail(logFile)}`),
);
const traffic = new Traffic(`http://${caller?.host}:${ports.application}/`);
let ending: Promise<never> | undefined;

process.on("SIGINT", () => void end(0));
process.on("SIGTERM", () => void end(0));
try {
  await main();
} catch (error) {
  await fail(error instanceof Error ? error.message : String(error));
}

async function main(): Promise<void> {
  const found = await obstacles();
  if (found.length > 0)
    return fail(`the demo cannot start; does another one run already?\n${found.map((line) => `  ${line}`).join("\n")}`);
  say(bold("Meridian: a mesh across two zones"));
  const envoy = await findEnvoy({});
  done(`Envoy is there (${envoy})`);
  process.env["ENVOY_PATH"] = envoy;
  const mesh = new DemoMesh(processes, directory);
  await startEverything(mesh);
  traffic.start(200);
  const seen = await runScenario(mesh, traffic, 1000);
  const problems = check(seen);
  if (problems.length > 0)
    return fail(`the demo ran, but this is not as it should be:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  if (once) {
    say(
      `\n${green("All is as it should be.")} Shifted across zones in ${seen.shift.convergedMs.toFixed(0)} ms, without an error.`,
    );
    return end(0);
  }
  await liveView(mesh);
}

async function liveView(mesh: DemoMesh): Promise<void> {
  say(
    `\nREST API: http://${globalPlane.host}:${globalPlane.api}   Try in another terminal:  ${bold("npx meridian inspect zones")}`,
  );
  say(dim("Ctrl-C stops everything and leaves nothing behind.\n"));
  const draw = createPanel();
  const interval = process.stdout.isTTY ? 1_000 : 10_000;
  for (;;) {
    const report = await mesh.client.convergence();
    const zones = report.zones.map((zone) => {
      const state =
        zone.status === "online" ? green("online") : red(`${zone.status}${zone.lastHeard ? ` since ${zone.lastHeard}` : ""}`);
      return `  zone ${zone.zone.padEnd(6)} ${state}  converged on revision ${zone.convergedRevision}  ${zone.proxies.connected} proxies, ${zone.proxies.pending} pending, ${zone.proxies.rejected} rejected`;
    });
    draw([`  requests since the shift: ${describe(traffic.counts)}`, ...zones]);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

function fail(message: string): Promise<never> {
  if (!ending) process.stderr.write(`\n${red("✗")} ${message}\n`);
  return end(1);
}

/** Stops every process and removes what the demo wrote; then exits. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    traffic.stop();
    await processes.stop();
    rmSync(directory, { recursive: true, force: true });
    process.exit(code);
  })();
  return ending;
}

function tail(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n");
  } catch {
    return "(it wrote nothing)";
  }
}
