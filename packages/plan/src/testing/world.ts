import type { ViewChange } from "@meridian/generator";
import type { Resource, Tags } from "@meridian/model";
import { predict } from "../predict.ts";
import type { Plan } from "../types.ts";
import { ZoneImage } from "../zones/zone-image.ts";

/** Short ways to write resources in tests. */
export function resource(kind: string, name: string, spec: object, labels: Tags = {}): Resource {
  const time = "2026-01-01T00:00:00Z";
  const mesh = ["Mesh", "ZoneIngress", "ZoneEgress"].includes(kind) ? "" : "default";
  return { kind, mesh, name, spec, labels, version: 1, creationTime: time, modificationTime: time };
}

export function mesh(mtls: boolean): Resource {
  const spec = mtls ? { mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", mode: "STRICT" }] } } : {};
  return resource("Mesh", "default", spec);
}

export interface DataplaneOptions {
  readonly service: string;
  readonly version?: string;
  readonly calls?: readonly string[];
  readonly host: number;
}

export function dataplane(name: string, { service, version, calls = [], host }: DataplaneOptions): Resource {
  const tags = { "kuma.io/service": service, "kuma.io/protocol": "http", ...(version !== undefined && { version }) };
  return resource("Dataplane", name, {
    networking: {
      address: `10.0.0.${host}`,
      inbound: [{ port: 8080, tags }],
      outbound: calls.map((called, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": called } })),
    },
  });
}

export function trafficRoute(name: string, service: string, weights: Readonly<Record<string, number>>, from = "*"): Resource {
  return resource("TrafficRoute", name, {
    sources: [{ match: { "kuma.io/service": from } }],
    destinations: [{ match: { "kuma.io/service": service } }],
    conf: {
      split: Object.entries(weights).map(([version, weight]) => ({
        weight,
        destination: { "kuma.io/service": service, ...(version !== "" && { version }) },
      })),
    },
  });
}

export function permission(name: string, from: string, to: string): Resource {
  return resource("TrafficPermission", name, {
    sources: [{ match: { "kuma.io/service": from } }],
    destinations: [{ match: { "kuma.io/service": to } }],
  });
}

export function put(resource: Resource): ViewChange {
  return { op: "put", resource };
}

export function remove({ kind, mesh, name }: Resource): ViewChange {
  return { op: "delete", key: { kind, mesh, name } };
}

export function imageOf(zone: string, ...resources: readonly Resource[]): ZoneImage {
  const image = new ZoneImage(zone);
  for (const _step of image.load(resources));
  return image;
}

/** The same changes for every image; every proxy is connected unless `offline` names it (`zone id`). */
export function planFor(images: readonly ZoneImage[], changes: readonly ViewChange[], offline: readonly string[] = []): Plan {
  return predict(
    images.map((image) => ({ image, changes })),
    { revision: 7, isOnline: (zone, id) => !offline.includes(`${zone} ${id}`) },
  );
}
