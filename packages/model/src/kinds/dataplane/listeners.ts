import { validatePort, validateProxyAddress } from "../../rules/network.ts";
import { at, type Violation } from "../../violation.ts";
import type { DataplaneSpec, UncheckedDataplane } from "./schema.ts";

type UncheckedNetworking = NonNullable<UncheckedDataplane["networking"]>;

/** Zone proxy listeners: names and addresses must not collide with inbounds or one another (resources-legacy.md 17). */
export function validateListeners(networking: UncheckedNetworking): readonly Violation[] {
  const inbounds = networking.inbound ?? [];
  const names = new Set(inbounds.map(sectionName));
  const inboundAddresses = new Set(inbounds.map((inbound) => `${inbound.address || networking.address}:${inbound.port}`));
  const taken = new Map<string, string | undefined>();
  const violations: Violation[] = [];
  networking.listeners?.forEach((listener, index) => {
    const path = at("networking.listeners", index);
    if (listener.type !== "ZoneIngress" && listener.type !== "ZoneEgress") {
      violations.push({ path: `${path}.type`, message: "type must be ZoneIngress or ZoneEgress" });
    }
    violations.push(...validatePort(`${path}.port`, listener.port));
    violations.push(...validateProxyAddress(`${path}.address`, listener.address));
    const name = sectionName(listener);
    if (names.has(name)) {
      violations.push({ path: `${path}.name`, message: `name "${name}" must be unique across inbounds and listeners` });
    }
    names.add(name);
    const address = `${listener.address || networking.address}:${listener.port}`;
    const collision = collisionOf(address, listener.type, inboundAddresses, taken);
    if (collision) violations.push({ path, message: `address:port ${address} ${collision}` });
    taken.set(address, listener.type);
  });
  return violations;
}

/** A mesh's own way in is served, its own way out is not. */
export function listenerWarnings({ networking: { listeners = [] } }: DataplaneSpec): readonly string[] {
  return listeners.flatMap(({ type }, index) => {
    const path = at("networking.listeners", index);
    return type === "ZoneEgress" ? [`${path}: listeners of type ZoneEgress are not served: run a ZoneEgress for the zone`] : [];
  });
}

function collisionOf(
  address: string,
  type: string | undefined,
  inboundAddresses: ReadonlySet<string>,
  taken: ReadonlyMap<string, string | undefined>,
): string | undefined {
  if (inboundAddresses.has(address)) return "collides with an inbound listener";
  if (!taken.has(address)) return undefined;
  return taken.get(address) === type ? "is already used by another listener" : "is used by listeners of different types";
}

function sectionName(section: { readonly name?: string | undefined; readonly port?: number | undefined }): string {
  return section.name || String(section.port);
}
