import { at, type Violation } from "../../violation.ts";
import type { UncheckedListener } from "./schema.ts";

interface PlacedListener {
  readonly path: string;
  readonly listener: UncheckedListener;
}

/** Listeners of one port become one listener of Envoy: one protocol, one limit, and hosts that tell them apart. */
export function validateSharedPorts(path: string, listeners: readonly UncheckedListener[]): readonly Violation[] {
  const placed = listeners.map((listener, index) => ({ path: at(path, index), listener }));
  return groupBy(placed, ({ listener }) => String(listener.port ?? 0)).flatMap((samePort) => [
    ...validateOneProtocol(samePort),
    ...validateHosts(samePort),
    ...validateOneLimit(samePort),
  ]);
}

function validateOneProtocol(samePort: readonly PlacedListener[]): readonly Violation[] {
  if (groupBy(samePort, ({ listener }) => listener.protocol ?? "NONE").length < 2) return [];
  return samePort.map(({ path }) => ({ path, message: "protocol conflicts with other listeners on this port" }));
}

function validateHosts(samePort: readonly PlacedListener[]): readonly Violation[] {
  return groupBy(samePort, ({ listener }) => listener.hostname || "*")
    .filter((sameHost) => sameHost.length > 1)
    .flatMap((sameHost) => sameHost.map(({ path }) => ({ path, message: "multiple listeners for hostname on this port" })));
}

function validateOneLimit(samePort: readonly PlacedListener[]): readonly Violation[] {
  const limited = samePort.filter(({ listener }) => listener.resources?.connectionLimit);
  if (groupBy(limited, ({ listener }) => String(listener.resources?.connectionLimit)).length < 2) return [];
  return limited.map(({ path }) => ({ path: `${path}.resources.connectionLimit`, message: "conflicting values for this port" }));
}

/** In the order of the first of each group. */
function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
