/** Short ways to write resources in tests, as users write them. */

export function meshDocument(name: string, options: { readonly backend?: object } = {}): object {
  const { backend } = options;
  return {
    type: "Mesh",
    name,
    ...(backend && { mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", ...backend }] } }),
  };
}

export interface DataplaneDocumentOptions {
  readonly mesh?: string;
  readonly address?: string;
  readonly advertisedAddress?: string;
  readonly service?: string;
  readonly port?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly outbound?: readonly object[];
}

export function dataplaneDocument(name: string, options: DataplaneDocumentOptions = {}): object {
  const { mesh = "default", address = "10.0.0.1", service = name, port = 80, tags = {}, outbound, advertisedAddress } = options;
  return {
    type: "Dataplane",
    mesh,
    name,
    networking: {
      address,
      ...(advertisedAddress && { advertisedAddress }),
      inbound: [{ port, servicePort: 8080, tags: { "kuma.io/service": service, "kuma.io/protocol": "http", ...tags } }],
      ...(outbound && { outbound }),
    },
  };
}

export function outboundTo(service: string, port = 9000): object {
  return { port, tags: { "kuma.io/service": service } };
}

export function ingressDocument(name: string, networking: object = {}): object {
  return {
    type: "ZoneIngress",
    name,
    networking: { address: "10.0.0.9", port: 10001, advertisedAddress: "198.51.100.9", advertisedPort: 30001, ...networking },
  };
}

export function routeDocument(name: string, service: string, weights: Readonly<Record<string, number>>): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name,
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": service } }],
    conf: {
      split: Object.entries(weights).map(([version, weight]) => ({
        weight,
        destination: { "kuma.io/service": service, version },
      })),
    },
  };
}
