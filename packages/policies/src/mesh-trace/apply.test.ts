import { expect, it } from "vitest";
import type { World } from "../core/effects/targets.ts";
import { inbound, policiesFrom, proxy } from "../testing/policies.ts";
import {
  decideInbound,
  decideOutbound,
  httpChain,
  inboundTarget,
  lastFilter,
  outboundTarget,
  tcpChain,
  world,
} from "../testing/targets.ts";
import { inboundTracing, outboundTracing, traceTraits } from "./apply.ts";

const policy = (name: string, conf: string, top = "") =>
  `\n---\n{type: MeshTrace, mesh: default, name: ${name}, spec: {${top} default: ${conf}}}`;
const zipkin = (url: string) => `backends: [{type: Zipkin, zipkin: {url: "${url}"}}]`;

function outboundTraces(yaml: string, options: Parameters<typeof decideOutbound>[2] = {}): unknown {
  const decision = decideOutbound(outboundTracing, yaml, options);
  const chain = decision && outboundTracing.chain?.(httpChain, decision.conf, outboundTarget(), {});
  return (lastFilter(chain) as { readonly tracing?: unknown }).tracing;
}

it("spans to Zipkin, with sampling and tags; what the user tags hides what every span has", () => {
  const tags = `tags: [{name: team, literal: core}, {name: client, header: {name: x-client, default: none}}, {name: kuma.zone, literal: z}]`;
  const yaml = policy("a", `{${zipkin("https://jaeger:9411/api/v2/spans")}, sampling: {overall: 80, random: "12.5"}, ${tags}}`);
  const subject = proxy({ labels: { "kuma.io/workload": "shop" } });
  expect(outboundTraces(yaml, { subject })).toEqual({
    overallSampling: { value: 80 },
    randomSampling: { value: 12.5 },
    customTags: [
      { tag: "team", literal: { value: "core" } },
      { tag: "client", requestHeader: { name: "x-client", defaultValue: "none" } },
      { tag: "kuma.zone", literal: { value: "z" } },
      { tag: "kuma.mesh", literal: { value: "default" } },
      { tag: "kuma.workload", literal: { value: "kri_wl_default_east__shop_" } },
    ],
    spawnUpstreamSpan: false,
    provider: {
      name: "envoy.tracers.zipkin",
      typedConfig: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
        collectorCluster: "meshtrace:zipkin",
        collectorEndpoint: "/api/v2/spans",
        collectorHostname: "jaeger:9411",
        traceId128bit: false,
        collectorEndpointVersion: "HTTP_JSON",
        sharedSpanContext: true,
      },
    },
  });
  const conf = decideOutbound(outboundTracing, yaml)?.conf;
  expect(outboundTracing.extraClusters?.(conf as never, outboundTarget(), {})).toMatchObject([
    { name: "meshtrace:zipkin", type: "STRICT_DNS", transportSocket: { typedConfig: { sni: "jaeger" } } },
  ]);
});

it.each([
  ["http://jaeger/spans", "jaeger:80"],
  ["https://jaeger/spans", "jaeger:443"],
  ["http://[::1]:9411/spans", "[::1]:9411"],
])("the scheme of %s tells the port", (url, collectorHostname) => {
  expect(outboundTraces(policy("a", `{${zipkin(url)}}`))).toMatchObject({ provider: { typedConfig: { collectorHostname } } });
});

it("Datadog tells services apart by direction and destination where it is asked to", () => {
  const yaml = policy("a", `{backends: [{type: Datadog, datadog: {url: "http://agent:8126", splitService: true}}]}`);
  const cluster = { collectorCluster: "meshtrace:datadog" };
  expect(outboundTraces(yaml)).toMatchObject({ provider: { typedConfig: { ...cluster, serviceName: "web_OUTBOUND_orders" } } });
  const chain = inboundTracing.chain?.(httpChain, decideInbound(inboundTracing, yaml)?.conf as never, {
    ...inboundTarget(),
    secured: true,
  });
  expect(lastFilter(chain)).toMatchObject({ tracing: { provider: { typedConfig: { ...cluster, serviceName: "web_INBOUND" } } } });
});

it("OpenTelemetry over gRPC, or over HTTP where the backend says so", () => {
  const reference = `{backends: [{type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, name: main}}}]}`;
  const main = (spec: object): World => ({
    ...world,
    list: () => [
      {
        ...{ kind: "MeshOpenTelemetryBackend", mesh: "default", name: "main", labels: {}, version: 1, spec },
        ...{ creationTime: "2024-01-01T00:00:00Z", modificationTime: "2024-01-01T00:00:00Z" },
      },
    ],
  });
  const grpc = main({ endpoint: { address: "otel", port: 4317 } });
  expect(outboundTraces(policy("a", reference), { world: grpc })).toMatchObject({
    provider: {
      name: "envoy.tracers.opentelemetry",
      typedConfig: { serviceName: "web", grpcService: { envoyGrpc: { clusterName: "meshtrace:opentelemetry" } } },
    },
  });
  const http = main({ protocol: "http", endpoint: { address: "otel", port: 443, path: "/base/" } });
  expect(outboundTraces(policy("a", reference), { world: http })).toMatchObject({
    provider: {
      typedConfig: { httpService: { httpUri: { uri: "https://otel:443/base/v1/traces", cluster: "meshtrace:opentelemetry" } } },
    },
  });
});

it("no backends turn tracing off, also that of an older kind; a missing backend does so with a note", () => {
  const traced = outboundTracing.chain?.(
    httpChain,
    decideOutbound(outboundTracing, policy("a", `{${zipkin("http://z:9411/")}}`))?.conf as never,
    outboundTarget(),
    {},
  );
  const off = decideOutbound(outboundTracing, policy("a", "{backends: []}") + policy("b", `{${zipkin("http://z:9411/")}}`));
  expect(outboundTracing.chain?.(traced ?? httpChain, off?.conf as never, outboundTarget(), {})).toEqual(httpChain);
  const missing = decideOutbound(
    outboundTracing,
    policy("a", "{backends: [{type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, name: x}}}]}"),
  );
  expect(missing?.notes).toEqual([{ policy: "MeshTrace/default/a", message: "there is no MeshOpenTelemetryBackend x" }]);
  expect(outboundTracing.extraClusters?.(missing?.conf as never, outboundTarget(), {})).toEqual([]);
});

it("leaves TCP alone, and what is not in the mesh", () => {
  const yaml = policy("a", `{${zipkin("http://z:9411/")}}`);
  const conf = decideOutbound(outboundTracing, yaml)?.conf;
  expect(outboundTracing.chain?.(tcpChain, conf as never, outboundTarget("tcp"), {})).toEqual(tcpChain);
  const resource = { kind: "MeshExternalService", name: "httpbin", labels: {} } as never;
  expect(decideOutbound(outboundTracing, yaml, { outbound: { resource } })).toBeUndefined();
});

it("an inbound with a collector of its own has a cluster of its own", () => {
  const yaml =
    policy("a", `{${zipkin("http://all:9411/")}}`) +
    policy("b", `{${zipkin("http://admin:9411/")}}`, "targetRef: {kind: MeshService, name: admin},");
  const subject = proxy({ tagSets: [{ "kuma.io/service": "web" }, { "kuma.io/service": "admin" }] });
  const cluster = (service: string) => {
    const policies = policiesFrom(yaml);
    const conf = inboundTracing.decide({ subject, world, policies, inbound: { ...inbound(service), section: service } })?.conf;
    return inboundTracing.extraClusters?.(conf as never, inboundTarget())[0]?.name;
  };
  expect([cluster("web"), cluster("admin")]).toEqual(["meshtrace:zipkin:web", "meshtrace:zipkin"]);
  expect(outboundTraces(yaml, { subject })).toMatchObject({ provider: { typedConfig: { collectorHostname: "admin:9411" } } });
});

it("reads of the client what its spans say", () => {
  const traits = (conf: string) => policiesFrom(policy("a", conf)).map((each) => traceTraits(each as never))[0];
  expect(traits(`{${zipkin("http://z:9411/")}}`)).toEqual([{ label: "kuma.io/workload" }]);
  expect(traits(`{backends: [{type: Datadog, datadog: {url: "http://agent:8126"}}]}`)).toContainEqual({ tag: "kuma.io/service" });
});
