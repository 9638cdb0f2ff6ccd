import type { SimulatedProxyPlan } from "./sim/proxy.ts";

/** 50 services, each proxy with 20 outbounds (issue 3, "Speed and memory"). */
export const serviceCount = 50;
export const outboundCount = 20;

export function serviceName(index: number): string {
  return `service-${String(index % serviceCount).padStart(2, "0")}`;
}

/** The simulated proxy number `index`: an instance of one service, with outbounds to the next twenty. */
export function proxyPlan(index: number, token: string): SimulatedProxyPlan {
  const service = serviceName(index);
  const outbounds = Array.from({ length: outboundCount }, (_unused, offset) => serviceName(index + 1 + offset));
  const name = `${service}-${index}`;
  const address = `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const resource = JSON.stringify({
    type: "Dataplane",
    mesh: "default",
    name,
    networking: {
      address,
      inbound: [
        { port: 8080, servicePort: 18080, tags: { "kuma.io/service": service, "kuma.io/protocol": "http", version: "v1" } },
      ],
      outbound: outbounds.map((target, offset) => ({
        address: "127.0.0.1",
        port: 10_000 + offset,
        tags: { "kuma.io/service": target },
      })),
    },
  });
  return { mesh: "default", name, service, resource, token, outbounds };
}

export const meshDocument = {
  type: "Mesh",
  name: "default",
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};

export const permissionDocument = {
  type: "TrafficPermission",
  mesh: "default",
  name: "all",
  sources: [{ match: { "kuma.io/service": "*" } }],
  destinations: [{ match: { "kuma.io/service": "*" } }],
};

/** A route for every outbound of every proxy: the change that touches all. The prefix makes each version differ. */
export function routeDocument(version: number): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "all",
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "*" } }],
    conf: {
      http: [
        {
          match: { path: { prefix: `/bench-${version}` } },
          destination: { "kuma.io/service": "*" },
          modify: { requestHeaders: { add: [{ name: "x-bench", value: String(version) }] } },
        },
      ],
      destination: { "kuma.io/service": "*" },
    },
  };
}

/** A route for one destination only: what it costs must not grow with the mesh. */
export function narrowRouteDocument(service: string, version: number): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "narrow",
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": service } }],
    conf: {
      http: [{ match: { path: { prefix: `/narrow-${version}` } }, destination: { "kuma.io/service": service } }],
      destination: { "kuma.io/service": service },
    },
  };
}
