import type { Listener } from "@meridian/envoy";
import { expect, it } from "vitest";
import type { OwnResource } from "../core/effects/hooks.ts";
import type { ProxyDecisionInput } from "../core/effects/targets.ts";
import type { ProxySelf } from "../core/types.ts";
import { policiesFrom, proxy } from "../testing/policies.ts";
import { world } from "../testing/targets.ts";
import { meshMetricProxy } from "./apply.ts";

const self: ProxySelf = { name: "web-1", address: "10.0.0.1", features: [], ipv6Enabled: true, workdir: "/run/web-1" };
const policy = (conf: string, name = "a") => `\n---\n{type: MeshMetric, mesh: default, name: ${name}, spec: {default: ${conf}}}`;
const prometheus = (fields = "") => `{type: Prometheus, prometheus: {${fields}}}`;

function shaped(yaml: string, input: Partial<ProxyDecisionInput> = {}, before: readonly OwnResource[] = []) {
  const { proxy: at = self } = input;
  const decision = meshMetricProxy.decide({ subject: proxy(), world, proxy: at, policies: policiesFrom(yaml), ...input });
  const target = { mesh: "default", zone: "east", proxy: at, tagSets: [] };
  const resources = decision ? (meshMetricProxy.resources?.(before, decision.conf, target) ?? []) : before;
  const byName = new Map(resources.map(({ json }) => [json.name, json as Readonly<Record<string, unknown>>]));
  return { byName, names: [...byName.keys()], notes: (decision?.notes ?? []).map(({ message }) => message) };
}

/** The body of a page. */
function settings(listener: unknown, path = "/meshmetric"): unknown {
  const [filter] = (listener as Listener).filterChains[0]?.filters ?? [];
  const config = filter?.typedConfig["routeConfig"] as {
    readonly virtualHosts: readonly { readonly routes: readonly Route[] }[];
  };
  const route = config.virtualHosts[0]?.routes.find(({ match, directResponse }) => match.path === path && directResponse.body);
  return JSON.parse(route?.directResponse.body?.inlineString ?? "");
}

interface Route {
  readonly match: { readonly path: string };
  readonly directResponse: { readonly body?: { readonly inlineString: string } };
}

it("serves a Prometheus at the port and path that it is told, through the program beside Envoy", () => {
  const { byName } = shaped(policy(`{backends: [${prometheus("clientId: main, port: 5679, path: /stats")}]}`));
  expect(byName.get("_kuma:metrics:prometheus:main")).toMatchObject({
    address: { socketAddress: { address: "10.0.0.1", portValue: 5679 } },
    filterChains: [
      {
        filters: [
          {
            typedConfig: {
              routeConfig: {
                virtualHosts: [
                  {
                    routes: [
                      { match: { prefix: "/stats" }, route: { cluster: "_kuma:metrics:hijacker", prefixRewrite: "/meshmetric" } },
                    ],
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  });
  expect(byName.get("_kuma:metrics:hijacker")).toMatchObject({
    loadAssignment: {
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path: "/run/web-1/kuma-mh-web-1-default.sock" } } } }] }],
    },
  });
});

it("tells the program beside Envoy what to collect, and for whom", () => {
  const subject = proxy({
    labels: { "kuma.io/workload": "shop" },
    tagSets: [{ "kuma.io/service": "web" }, { "kuma.io/service": "admin" }],
  });
  const conf = `{sidecar: {includeUnused: true}, applications: [{name: app, port: 8000}],
    backends: [${prometheus()}, {type: OpenTelemetry, openTelemetry: {endpoint: "otel:4317", refreshInterval: 10s}}]}`;
  const { byName } = shaped(policy(conf), { subject });
  expect(settings(byName.get("_kuma:dynamicconfig"))).toEqual({
    observability: {
      metrics: {
        applications: [{ name: "app", path: "/metrics", port: 8000, address: "10.0.0.1" }],
        backends: [
          { type: "Prometheus", name: null },
          {
            ...{ type: "OpenTelemetry", name: "otel-4317" },
            openTelemetry: { endpoint: "/run/web-1/kuma-otel-otel-4317.sock", refreshInterval: "10s" },
          },
        ],
        sidecar: { includeUnused: true },
        extraLabels: {
          ...{ mesh: "default", zone: "east", dataplane: "web-1", "kuma.workload": "shop", "kuma.proxy_role": "sidecar" },
          ...{ kuma_io_service: "web", kuma_io_services: ",admin,web," },
        },
      },
    },
  });
  expect(byName.get("_kuma:metrics:opentelemetry:otel-4317")).toMatchObject({
    address: { pipe: { path: "/run/web-1/kuma-otel-otel-4317.sock" } },
  });
});

it("takes the place of what the Mesh itself asks for; no backends turn metrics off", () => {
  const old = ["kuma:metrics:prometheus", "kuma:metrics:hijacker", "kept"].map((name): OwnResource => {
    return { typeUrl: "type.googleapis.com/envoy.config.listener.v3.Listener", origin: "prometheus", json: { name } };
  });
  expect(shaped(policy("{backends: []}"), {}, old).names).toEqual(["kept"]);
  expect(shaped(policy(`{backends: [${prometheus()}]}`), {}, old).names).toEqual([
    ...["kept", "_kuma:metrics:hijacker", "_kuma:metrics:prometheus:default-backend", "_kuma:dynamicconfig"],
  ]);
  expect(shaped(policy("{applications: [{port: 8000}]}"), {}, old).names).toHaveLength(3);
});

it("secures metrics with what there is, and says what there is not", () => {
  const tls = (mode: string) => policy(`{backends: [${prometheus(`tls: {mode: ${mode}}`)}]}`);
  const listener = "_kuma:metrics:prometheus:default-backend";
  const secured = shaped(tls("ActiveMTLSBackend"), { tls: { mesh: "default" } });
  expect(secured.byName.get(listener)).toMatchObject({
    filterChains: [
      { filterChainMatch: { sourcePrefixRanges: [{ addressPrefix: "10.0.0.1", prefixLen: 32 }] } },
      { transportSocket: { typedConfig: { requireClientCertificate: true } } },
    ],
  });
  expect(secured.notes).toEqual([]);
  expect(shaped(tls("ActiveMTLSBackend")).notes).toEqual(["metrics in plain text: the proxy has no identity"]);
  const metricsTls = { certPath: "/certs/tls.crt", keyPath: "/certs/tls.key" };
  expect(shaped(tls("ProvidedTLS"), { proxy: { ...self, metricsTls } }).byName.get(listener)).toMatchObject({
    filterChains: [
      {
        filterChainMatch: { transportProtocol: "tls" },
        transportSocket: {
          typedConfig: { commonTlsContext: { tlsCertificates: [{ certificateChain: { filename: "/certs/tls.crt" } }] } },
        },
      },
    ],
  });
  expect(shaped(tls("ProvidedTLS")).notes[0]).toMatch("started without a certificate");
});

it.each([
  [[prometheus("port: 8080")], "port 8080 of the proxy is taken by an inbound or outbound: no metrics there"],
  [[prometheus(), prometheus("clientId: b")], "two Prometheus backends have port 5670 or clientId b: only the first is served"],
  [
    ["{type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, name: x}}}"],
    "there is no MeshOpenTelemetryBackend x",
  ],
])("leaves out what cannot be had: %s", (backends, message) => {
  expect(shaped(policy(`{backends: [${backends.join(",")}]}`), { takenPorts: [8080] }).notes).toEqual([message]);
});

it("collectors whose sockets would be one are told apart or left out", () => {
  const otel = (host: string) => `{type: OpenTelemetry, openTelemetry: {endpoint: "${host}:4317"}}`;
  const yaml = policy(`{backends: [${otel("otel-of-team-a")}, ${otel("otel-of-team-a")}, ${otel("otel-of-team-b")}]}`);
  expect(shaped(yaml).notes).toEqual(["the collector otel-of-team-a-4317 is there twice: only the first counts"]);
  const long = shaped(yaml, { proxy: { ...self, workdir: `/run/${"x".repeat(70)}` } });
  expect(long.notes[1]).toMatch("too long a path for a socket of its own for the collector otel-of-team-b-4317");
});

it("a proxy with nothing beside it that collects is left alone", () => {
  const { workdir: _, ...bare } = self;
  const { names, notes } = shaped(policy(`{backends: [${prometheus()}]}`), { proxy: bare });
  expect([names, notes]).toEqual([[], ["a proxy without a work directory: nothing beside it can collect its metrics"]]);
});
