import { expect, it } from "vitest";
import type { World } from "../core/effects/targets.ts";
import {
  decideInbound,
  decideOutbound,
  httpChain,
  inboundTarget,
  lastFilter,
  outboundTarget,
  world,
} from "../testing/targets.ts";
import { inboundTrafficTrace, outboundTrafficTrace } from "./apply.ts";

const tracing = {
  defaultBackend: "z",
  backends: [
    {
      name: "z",
      type: "zipkin" as const,
      sampling: 25,
      conf: { url: "http://10.0.0.9:9411/api/v2/spans", apiVersion: "httpProto" },
    },
    { name: "d", type: "datadog" as const, conf: { address: "agent", port: 8126, splitService: true } },
  ],
};
const meshWorld: World = { ...world, mesh: { tracing } };
const policy = (conf: string) =>
  `{type: TrafficTrace, mesh: default, name: a, selectors: [{match: {kuma.io/zone: east}}], conf: ${conf}}`;

it("traces what the proxy sends to the mesh's default backend", () => {
  const decision = decideOutbound(outboundTrafficTrace, policy("{}"), { world: meshWorld });
  expect(decision?.origins).toEqual(["TrafficTrace/default/a"]);
  const chain = outboundTrafficTrace.chain?.(httpChain, decision?.conf as never, outboundTarget(), {});
  expect((lastFilter(chain) as { readonly tracing: unknown }).tracing).toEqual({
    overallSampling: { value: 25 },
    spawnUpstreamSpan: false,
    provider: {
      name: "envoy.tracers.zipkin",
      typedConfig: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
        collectorCluster: "tracing:z",
        collectorEndpoint: "/api/v2/spans",
        collectorHostname: "10.0.0.9:9411",
        traceId128bit: false,
        collectorEndpointVersion: "HTTP_PROTO",
      },
    },
  });
  expect(outboundTrafficTrace.extraClusters?.(decision?.conf as never, outboundTarget(), {})).toMatchObject([
    { name: "tracing:z", type: "STATIC" },
  ]);
});

it("and what it receives, with a name per direction for Datadog", () => {
  const yaml = policy("{backend: d}");
  const sent = decideOutbound(outboundTrafficTrace, yaml, { world: meshWorld });
  const sentChain = outboundTrafficTrace.chain?.(httpChain, sent?.conf as never, outboundTarget(), {});
  expect(lastFilter(sentChain)).toMatchObject({ tracing: { provider: { typedConfig: { serviceName: "web_OUTBOUND_orders" } } } });
  const received = decideInbound(inboundTrafficTrace, yaml, meshWorld);
  const chain = inboundTrafficTrace.chain?.(httpChain, received?.conf as never, { ...inboundTarget(), secured: false });
  expect(lastFilter(chain)).toMatchObject({ tracing: { provider: { typedConfig: { serviceName: "web_INBOUND" } } } });
});

it.each([
  ["{backend: nowhere}", meshWorld, "the Mesh has no tracing backend nowhere"],
  ["{}", world, "the Mesh has no default tracing backend"],
])("says what is missing for %s, and changes nothing", (conf, seen, message) => {
  const decision = decideOutbound(outboundTrafficTrace, policy(conf), { world: seen });
  expect(decision?.notes).toEqual([{ policy: "TrafficTrace/default/a", message }]);
  expect(outboundTrafficTrace.chain?.(httpChain, decision?.conf as never, outboundTarget(), {})).toBe(httpChain);
});
