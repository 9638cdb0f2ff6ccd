// The load generator, in a process of its own: N simulated proxies, told over IPC what to do, reporting when what was awaited is true.

import { type ControlPlaneAddress, SimulatedProxy, type SimulatedProxyPlan, sharedNowMs, types } from "./sim/proxy.ts";
import type { DeltaResponse } from "./sim/wire.ts";

export type LoadCommand =
  | {
      /** `open` leaves the bootstrap out and answers once all streams are open: for the floor, which has no config to complete. */
      readonly command: "join" | "open";
      readonly id: number;
      readonly controlPlane: ControlPlaneAddress;
      readonly plans: readonly SimulatedProxyPlan[];
      readonly parallel: number;
    }
  /** Answers once so many proxies have acknowledged at least one response of the type that arrived after now. */
  | { readonly command: "expect"; readonly id: number; readonly typeUrl: string; readonly proxies: number }
  | { readonly command: "drop"; readonly id: number; readonly names: readonly string[] };

export interface LoadReport {
  readonly id: number;
  readonly atMs: number;
  readonly bytes: number;
  readonly responses: number;
  readonly error?: string;
}

interface Expectation {
  readonly id: number;
  readonly typeUrl: string;
  readonly wanted: number;
  readonly seen: Set<SimulatedProxy>;
  bytes: number;
  responses: number;
}

const proxies = new Map<string, SimulatedProxy>();
const incomplete = new Set<SimulatedProxy>();
const expectations = new Set<Expectation>();
let joining: { id: number; bytes: number; responses: number } | undefined;

process.on("message", (message: LoadCommand) => {
  run(message).catch((error: unknown) =>
    report({ id: message.id, atMs: sharedNowMs(), bytes: 0, responses: 0, error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function run(message: LoadCommand): Promise<void> {
  if (message.command === "open") return open(message);
  if (message.command === "join") return join(message);
  if (message.command === "expect") {
    expectations.add({
      id: message.id,
      typeUrl: message.typeUrl,
      wanted: message.proxies,
      seen: new Set(),
      bytes: 0,
      responses: 0,
    });
    return;
  }
  if (message.command !== "drop") return;
  for (const name of message.names) proxies.get(name)?.drop();
  report({ id: message.id, atMs: sharedNowMs(), bytes: 0, responses: 0 });
}

async function open(message: Extract<LoadCommand, { plans: unknown }>): Promise<void> {
  await Promise.all(
    message.plans.map((plan) => {
      const proxy = new SimulatedProxy(plan, onResponse);
      proxies.set(plan.name, proxy);
      return proxy.open(message.controlPlane);
    }),
  );
  report({ id: message.id, atMs: sharedNowMs(), bytes: 0, responses: 0 });
}

async function join(message: Extract<LoadCommand, { plans: unknown }>): Promise<void> {
  joining = { id: message.id, bytes: 0, responses: 0 };

  const created = message.plans.map((plan) => new SimulatedProxy(plan, onResponse));
  for (const proxy of created) {
    proxies.set(proxy.plan.name, proxy);
    incomplete.add(proxy);
  }
  // Envoys start on their own; a bounded number of handshakes at once keeps the generator itself from being the queue.
  const queue = [...created];
  await Promise.all(
    Array.from({ length: message.parallel }, async () => {
      for (let proxy = queue.shift(); proxy; proxy = queue.shift()) await proxy.join(message.controlPlane);
    }),
  );
}

function onResponse(proxy: SimulatedProxy, response: DeltaResponse, sizeBytes: number): void {
  if (joining) {
    joining.bytes += sizeBytes;
    joining.responses += 1;
  }
  if (incomplete.has(proxy) && proxy.complete) {
    incomplete.delete(proxy);
    if (incomplete.size === 0 && joining) {
      report({ ...joining, atMs: sharedNowMs() });
      joining = undefined;
    }
  }
  for (const expectation of expectations) count(expectation, proxy, response, sizeBytes);
}

function count(expectation: Expectation, proxy: SimulatedProxy, response: DeltaResponse, sizeBytes: number): void {
  if (response.typeUrl !== expectation.typeUrl) return;
  expectation.seen.add(proxy);
  expectation.bytes += sizeBytes;
  expectation.responses += 1;
  if (expectation.seen.size < expectation.wanted) return;
  expectations.delete(expectation);
  report({ id: expectation.id, atMs: sharedNowMs(), bytes: expectation.bytes, responses: expectation.responses });
}

function report(value: LoadReport): void {
  process.send?.(value);
}

process.send?.({ id: 0, atMs: sharedNowMs(), bytes: 0, responses: Object.keys(types).length });
