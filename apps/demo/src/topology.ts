import { stringify } from "yaml";

/** Every process has a loopback address of its own, as if it stood on a machine of its own; ports are the defaults. */
export const globalPlane = { host: "127.0.0.1", api: 5681, kds: 5685, diagnostics: 5680 } as const;

export interface ZonePlan {
  readonly name: string;
  readonly host: string;
  readonly ingressHost: string;
}

export const zones: readonly ZonePlan[] = [
  { name: "east", host: "127.0.1.1", ingressHost: "127.0.1.10" },
  { name: "west", host: "127.0.2.1", ingressHost: "127.0.2.10" },
];

export interface WorkloadPlan {
  readonly name: string;
  readonly zone: string;
  readonly service: string;
  readonly version: string;
  readonly host: string;
  /** Outbounds by service; the application reaches it at host:port. */
  readonly outbound?: { readonly service: string; readonly port: number };
}

export const ports = {
  zoneApi: 5681,
  dataPlaneServer: 5678,
  zoneDiagnostics: 5680,
  inbound: 8080,
  application: 18080,
  ingress: 10001,
  readiness: 9902,
} as const;

export const workloads: readonly WorkloadPlan[] = [
  { name: "benigno-v1", zone: "east", service: "benigno", version: "v1", host: "127.0.1.11" },
  { name: "benigno-v2", zone: "east", service: "benigno", version: "v2", host: "127.0.1.12" },
  {
    name: "magnanimo",
    zone: "west",
    service: "magnanimo",
    version: "v1",
    host: "127.0.2.11",
    outbound: { service: "benigno", port: 9000 },
  },
];

export function dataplaneYaml(plan: WorkloadPlan): string {
  return stringify({
    type: "Dataplane",
    mesh: "default",
    name: plan.name,
    networking: {
      address: plan.host,
      inbound: [
        {
          port: ports.inbound,
          servicePort: ports.application,
          serviceAddress: plan.host,
          tags: { "kuma.io/service": plan.service, "kuma.io/protocol": "http", version: plan.version },
        },
      ],
      ...(plan.outbound && {
        outbound: [{ address: plan.host, port: plan.outbound.port, tags: { "kuma.io/service": plan.outbound.service } }],
      }),
    },
  });
}

export function ingressYaml(zone: ZonePlan): string {
  return stringify({
    type: "ZoneIngress",
    name: `ingress-${zone.name}`,
    networking: {
      address: zone.ingressHost,
      port: ports.ingress,
      advertisedAddress: zone.ingressHost,
      advertisedPort: ports.ingress,
    },
  });
}

export const meshYaml = `type: Mesh
name: default
mtls:
  enabledBackend: ca-1
  backends:
    - name: ca-1
      type: builtin
`;

export const permissionYaml = `type: TrafficPermission
mesh: default
name: magnanimo-to-benigno
sources:
  - match: { kuma.io/service: magnanimo }
destinations:
  - match: { kuma.io/service: benigno }
`;

/** The demo's canary route: so many percent to each version of benigno. */
export function routeYaml(v1: number, v2: number): string {
  return `type: TrafficRoute
mesh: default
name: benigno-canary
sources:
  - match: { kuma.io/service: "*" }
destinations:
  - match: { kuma.io/service: benigno }
conf:
  split:
    - weight: ${v1}
      destination: { kuma.io/service: benigno, version: v1 }
    - weight: ${v2}
      destination: { kuma.io/service: benigno, version: v2 }
`;
}
