import { connect } from "node:net";
import { parse } from "yaml";
import type { DemoMesh } from "./mesh.ts";
import { done } from "./terminal.ts";
import { meshYaml, permissionYaml, ports, routeYaml, workloads, zones } from "./topology.ts";
import type { Traffic, TrafficCounts } from "./traffic.ts";

export interface ShiftTimes {
  readonly revision: number;
  /** Until the last proxy of all zones had acknowledged. */
  readonly convergedMs: number;
  /** Until the first response of the new version came back. */
  readonly firstResponseMs: number;
}

export interface Observations {
  readonly split: TrafficCounts;
  readonly shift: ShiftTimes;
  readonly afterShift: TrafficCounts;
  readonly caller: string | undefined;
  readonly plaintext: "refused" | "answered";
}

export async function startEverything(mesh: DemoMesh): Promise<void> {
  await mesh.startGlobal();
  done("global control plane is ready (embedded store)");
  await Promise.all(zones.map((zone) => mesh.startZone(zone)));
  done(`zones ${zones.map((zone) => zone.name).join(" and ")} have joined`);
  await applyAndWait(mesh, [meshYaml, permissionYaml, routeYaml(90, 10)], "mTLS, permission and the 90/10 route of the demo");
  done("mTLS, a TrafficPermission and the TrafficRoute (90 % v1, 10 % v2) are applied");
  for (const zone of zones) mesh.startIngress(zone);
  await Promise.all(workloads.map((workload) => mesh.startWorkload(workload)));
  await mesh.proxiesOnline();
  await mesh.routesReady();
  done(`${workloads.length} sidecars and ${zones.length} zone ingresses are connected and configured`);
}

/** Applies as `meridian apply --wait` does and returns when every affected proxy of every zone has acknowledged. */
async function applyAndWait(
  mesh: DemoMesh,
  documents: readonly string[],
  message: string,
): Promise<{ revision: number; elapsedMs: number }> {
  const startedMs = performance.now();
  const { revision } = await mesh.client.apply({ documents: documents.map((document) => parse(document) as object), message });
  for await (const report of mesh.client.watchConvergence(revision, AbortSignal.timeout(30_000))) {
    if (report.converged) return { revision, elapsedMs: performance.now() - startedMs };
  }
  throw new Error(`revision ${revision} did not converge within 30 s`);
}

/** 90/10, then everything to v2. Returns what was seen; whether that is right, `check` says. */
export async function runScenario(mesh: DemoMesh, traffic: Traffic, requests: number): Promise<Observations> {
  const first = await traffic.next(() => true);
  done(`requests flow: magnanimo (west) → ingress of east → benigno, as ${first.caller ?? "nobody known"}`);
  traffic.reset();
  while (traffic.counts.total < requests) await traffic.next(() => true);
  const split = traffic.counts;
  done(`${split.total} requests: ${describe(split)}`);
  const plaintext = await tryPlaintext();
  done(`a client without a certificate is ${plaintext} by benigno's sidecar`);
  const shift = await shiftToV2(mesh, traffic);
  done(
    `apply --wait: revision ${shift.revision} is acknowledged by every proxy after ${shift.convergedMs.toFixed(0)} ms, first answer of v2 after ${shift.firstResponseMs.toFixed(0)} ms`,
  );
  traffic.reset();
  while (traffic.counts.total < requests / 5) await traffic.next(() => true);
  const afterShift = traffic.counts;
  done(`${afterShift.total} requests after the shift: ${describe(afterShift)}`);
  return { split, shift, afterShift, caller: first.caller, plaintext };
}

async function shiftToV2(mesh: DemoMesh, traffic: Traffic): Promise<ShiftTimes> {
  // All v1 first, so that the first answer of v2 can only come from the shift.
  await applyAndWait(mesh, [routeYaml(100, 0)], "all to v1");
  await traffic.next((answer) => answer.version === "v1");
  traffic.reset();
  const startedMs = performance.now();
  const firstResponse = traffic.next((answer) => answer.version === "v2").then(() => performance.now() - startedMs);
  const { revision, elapsedMs } = await applyAndWait(mesh, [routeYaml(0, 100)], "all to v2");
  return { revision, convergedMs: elapsedMs, firstResponseMs: await firstResponse };
}

function tryPlaintext(): Promise<"refused" | "answered"> {
  const [target] = workloads;
  return new Promise((resolve) => {
    const socket = connect({ host: target?.host ?? "", port: ports.inbound }, () =>
      socket.write("GET / HTTP/1.1\r\nhost: benigno\r\nconnection: close\r\n\r\n"),
    );
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => resolve("refused"));
    socket.on("close", () => resolve(answer.startsWith("HTTP/1.1") ? "answered" : "refused"));
  });
}

export function describe(counts: TrafficCounts): string {
  const versions = [...counts.by].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, count]) => `${place} ${count}`);
  return [...versions, `errors ${counts.errors}${counts.lastError ? ` (${counts.lastError})` : ""}`].join(", ");
}

/** What of the observations is not as it should be; empty when all is well. */
export function check(seen: Observations): readonly string[] {
  const problems: string[] = [];
  const v2Share = (seen.split.by.get("v2 in east") ?? 0) / seen.split.total;
  // Five standard deviations of a binomial with p = 0.1: a false alarm in millions of runs.
  const tolerance = 5 * Math.sqrt((0.1 * 0.9) / seen.split.total);
  if (Math.abs(v2Share - 0.1) > tolerance)
    problems.push(`v2 got ${(100 * v2Share).toFixed(1)} % of the requests instead of 10 % ± ${(100 * tolerance).toFixed(1)} %`);
  const errors = seen.split.errors + seen.afterShift.errors;
  if (errors > 0) problems.push(`${errors} request(s) failed: ${seen.split.lastError ?? seen.afterShift.lastError}`);
  if ([...seen.afterShift.by.keys()].some((place) => place !== "v2 in east"))
    problems.push(`after the shift to v2 other versions still answered: ${describe(seen.afterShift)}`);
  if (seen.caller !== "spiffe://default/magnanimo")
    problems.push(`benigno saw the caller as ${seen.caller ?? "nobody"} instead of spiffe://default/magnanimo`);
  if (seen.plaintext !== "refused") problems.push("benigno's sidecar answered a client without a certificate");
  return problems;
}
