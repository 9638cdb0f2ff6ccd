import { labelNames, type Resource, type Tags, tagNames } from "@meridian/model";
import { explain } from "../explain.ts";
import type { ExplainRequest, Explanation } from "../types.ts";
import { Worlds } from "../worlds/worlds.ts";

/** Short ways to write resources in tests. */
export function resource(kind: string, name: string, spec: object, labels: Tags = {}): Resource {
  const time = "2026-01-01T00:00:00Z";
  const isGlobal = ["Mesh", "Zone", "ZoneIngress"].includes(kind);
  return { kind, mesh: isGlobal ? "" : "default", name, spec, labels, version: 1, creationTime: time, modificationTime: time };
}

export function mesh(more: object = {}, mode = "STRICT"): Resource {
  return resource("Mesh", "default", {
    mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", mode }] },
    ...more,
  });
}

export const plainMesh = resource("Mesh", "default", {});

export function zone(name: string, enabled = true): Resource {
  return resource("Zone", name, { enabled });
}

export interface Workload {
  readonly service: string;
  readonly zone?: string;
  readonly version?: string;
  readonly protocol?: string;
  readonly calls?: readonly string[];
  /** Last byte of its address, 10.0.0.x. */
  readonly host: number;
  readonly isDown?: boolean;
}

export function dataplane(name: string, workload: Workload): Resource {
  const { service, zone = "east", version, protocol = "http", calls = [], host, isDown = false } = workload;
  const tags = { "kuma.io/service": service, "kuma.io/protocol": protocol, ...(version !== undefined && { version }) };
  const networking = {
    address: `10.0.0.${host}`,
    inbound: [{ port: 8080, tags, ...(isDown && { state: "NotReady" }) }],
    outbound: calls.map((called, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": called } })),
  };
  return resource("Dataplane", name, { networking }, { [labelNames.zone]: zone });
}

export function ingress(zoneName: string, host: number, available: readonly Tags[]): Resource {
  const address = `192.0.2.${host}`;
  const networking = { address, port: 10_001, advertisedAddress: address, advertisedPort: 10_001 };
  const availableServices = available.map((tags) => ({
    ...{ mesh: "default", instances: 1 },
    tags: { [tagNames.protocol]: "http", [tagNames.zone]: zoneName, ...tags },
  }));
  return resource("ZoneIngress", `ingress-${zoneName}`, { networking, availableServices }, { [labelNames.zone]: zoneName });
}

export function permission(name: string, from: string, to: string): Resource {
  const [sources, destinations] = [from, to].map((service) => [{ match: { "kuma.io/service": service } }]);
  return resource("TrafficPermission", name, { sources, destinations });
}

/** Shares of benigno by version; matches of HTTP come before. */
export function route(name: string, weights: Readonly<Record<string, number>>, http: readonly object[] = []): Resource {
  return resource("TrafficRoute", name, {
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "benigno" } }],
    conf: {
      ...(http.length > 0 && { http }),
      split: Object.entries(weights).map(([version, weight]) => ({
        weight,
        destination: { "kuma.io/service": "benigno", ...(version !== "" && { version }) },
      })),
    },
  });
}

/** A MeshTimeout, MeshRetry …: one conf for all clients and one destination. */
export function toPolicy(kind: string, name: string, conf: object, service = "benigno"): Resource {
  const to = [{ targetRef: { kind: "MeshService", name: service }, default: conf }];
  return resource(kind, name, { targetRef: { kind: "Mesh" }, to });
}

/** For clients of one service, at another's inbounds. */
export function fromPolicy(kind: string, name: string, client: string, conf: object, service = "benigno"): Resource {
  const from = [{ targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": client } }, default: conf }];
  return resource(kind, name, { targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": service } }, from });
}

/** What it says of one step, without the signs. */
export function linesOf({ steps }: Explanation, wanted: Explanation["steps"][number]["step"]): readonly string[] {
  return steps.filter(({ step }) => step === wanted).flatMap(({ title, lines }) => [title, ...lines]);
}

export function ask(resources: readonly Resource[], question: Partial<ExplainRequest> = {}): Explanation {
  const names = [...new Set(resources.filter(({ kind }) => kind === "Zone").map(({ name }) => name))].sort();
  const enabled = names.filter(
    (name) => !resources.some((each) => each.name === name && each.kind === "Zone" && !isEnabled(each)),
  );
  const zones = {
    names: () => (names.length === 0 ? ["east"] : enabled),
    seenIn: (each: Resource, zoneName: string) => {
      const isHome = each.kind !== "Dataplane" || each.labels[labelNames.zone] === zoneName;
      return isHome ? each : undefined;
    },
  };
  return explainIn(new Worlds({ revision: 7, resources, zones }), question);
}

/** As a zone is asked, of all that it holds. */
export function askIn(zoneName: string, resources: readonly Resource[], question: Partial<ExplainRequest>): Explanation {
  const zones = { names: () => [zoneName], seenIn: (each: Resource) => each };
  return explainIn(new Worlds({ revision: 7, resources, zones }), question);
}

function explainIn(worlds: Worlds, question: Partial<ExplainRequest>): Explanation {
  const request = { mesh: "default", from: "magnanimo", to: "benigno", path: "/", method: "GET", headers: {}, ...question };
  for (;;) {
    const explained = explain(worlds, request);
    const loading = worlds.load();
    let step = loading.next();
    while (!step.done) step = loading.next();
    if (!step.value) return explained;
  }
}

function isEnabled({ spec }: Resource): boolean {
  return (spec as { readonly enabled?: boolean }).enabled !== false;
}
