import type { Resource, Tags } from "@meridian/model";
import { type NameSpec, nameResource } from "@meridian/services";
import fc from "fast-check";
import { resource } from "./resources.ts";

/** Host names by tags, as a zone stores them; each has an address of its own. */
const ips: Readonly<Record<string, string>> = {
  "a.mesh": "240.0.0.1",
  "a_b.mesh": "240.0.0.2",
  "a.b.mesh": "240.0.0.3",
  "b.v1.apps": "240.0.0.4",
};
const virtualOutbound = "VirtualOutbound/default/v0";
const to = fc.constantFrom<Tags>(
  { "kuma.io/service": "a" },
  { "kuma.io/service": "b" },
  { "kuma.io/service": "b", version: "v1" },
);
const namedPort = fc.record({ port: fc.constantFrom(80, 81), tags: to, by: fc.constantFrom(undefined, virtualOutbound) });

export const anyName: fc.Arbitrary<Resource> = fc
  .record({
    host: fc.constantFrom(...Object.keys(ips)),
    ports: fc.uniqueArray(namedPort, { minLength: 1, maxLength: 2, selector: ({ port }) => port }),
    conflicts: fc.constantFrom([], [{ by: virtualOutbound, message: "is taken" }]),
  })
  .map(({ host, ports, conflicts }) => {
    const spec: NameSpec = {
      ...{ host, conflicts, ip: ips[host] ?? "" },
      aliases: host.includes("_") ? [host.replaceAll("_", ".")] : [],
      ports: ports.map(({ port, tags, by }) => ({ port, tags, ...(by !== undefined && { by }) })),
    };
    const { kind, mesh, name } = nameResource("default", spec);
    return resource(kind, mesh, name, spec);
  });
