import { describe, expect, it } from "vitest";
import type { World } from "../core/effects/targets.ts";
import { policiesFrom, proxy } from "../testing/policies.ts";
import {
  decideInbound,
  decideOutbound,
  httpChain,
  inboundTarget,
  lastFilter,
  outboundTarget,
  routeDraft,
  world,
} from "../testing/targets.ts";
import { inboundLogs } from "./inbound.ts";
import { logTraits, outboundLogs } from "./outbound.ts";

const policy = (name: string, spec: string) => `\n---\n{type: MeshAccessLog, mesh: default, name: ${name}, spec: ${spec}}`;
const file = (path: string, plain = "%KUMA_MESH%") =>
  `{type: File, file: {path: ${path}, format: {type: Plain, plain: "${plain}"}}}`;
const toMesh = (backends: string) => `{to: [{targetRef: {kind: Mesh}, default: {backends: [${backends}]}}]}`;

interface Logger {
  readonly name: string;
  readonly filter?: { readonly extensionFilter: { readonly typedConfig: { readonly expression: string } } };
  readonly typedConfig: Readonly<Record<string, unknown>>;
}

function loggersOf(filter: object): readonly Logger[] {
  return (filter as { readonly accessLog?: readonly Logger[] }).accessLog ?? [];
}

function outboundLoggers(yaml: string, options: Parameters<typeof decideOutbound>[2] = {}) {
  const { conf, byRoute = {} } = decideOutbound(outboundLogs, yaml, options) ?? {};
  return loggersOf(lastFilter(outboundLogs.chain?.(httpChain, conf as never, outboundTarget(), byRoute as never)));
}

describe("of what a proxy sends", () => {
  it("the strongest policy's list replaces others; an empty one turns logging off", () => {
    const both = policy("b", toMesh(file("/tmp/b.log"))) + policy("a", toMesh(`${file("/tmp/a.log")}, ${file("/tmp/c.log")}`));
    expect(outboundLoggers(both).map(({ typedConfig }) => typedConfig["path"])).toEqual(["/tmp/a.log", "/tmp/c.log"]);
    const off = policy("b", toMesh(file("/tmp/b.log"))) + policy("a", toMesh(""));
    expect(outboundLoggers(off)).toEqual([]);
  });

  it("fills in every placeholder; the proxy's address comes from Envoy's node, so that proxies share the text", () => {
    const format =
      "%KUMA_SOURCE_SERVICE%>%KUMA_DESTINATION_SERVICE% %KUMA_ZONE% %KUMA_TRAFFIC_DIRECTION% %KUMA_SOURCE_ADDRESS% %KUMA_WORKLOAD%";
    const subject = proxy({ labels: { "kuma.io/workload": "shop" } });
    const [logger] = outboundLoggers(policy("a", toMesh(file("/tmp/a.log", format))), { subject });
    expect(logger?.typedConfig["logFormat"]).toEqual({
      textFormatSource: {
        inlineString: "web>orders east OUTBOUND %CEL(xds.node.metadata['dataplane.address'])%:0 kri_wl_default_east__shop_\n",
      },
    });
  });

  it("a collector is found by reference, the oldest of several; a note says when there is none", () => {
    const reference = `{type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: core}}}}`;
    const yaml = policy("a", toMesh(reference));
    const backend = (name: string, address: string, creationTime: string) => ({
      ...{ kind: "MeshOpenTelemetryBackend", mesh: "default", name, labels: { team: "core" }, version: 1 },
      ...{ creationTime, modificationTime: creationTime, spec: { endpoint: { address } } },
    });
    const found: World = {
      ...world,
      list: () => [backend("a", "younger", "2024-02-01T00:00:00Z"), backend("b", "older", "2024-01-01T00:00:00Z")],
    };
    const decision = decideOutbound(outboundLogs, yaml, { world: found });
    expect(outboundLogs.extraClusters?.(decision?.conf as never, outboundTarget(), {})).toMatchObject([
      { name: "meshaccesslog:opentelemetry:older:4317", type: "STRICT_DNS" },
    ]);
    const missing = decideOutbound(outboundLogs, yaml);
    expect(missing?.notes).toEqual([
      { policy: "MeshAccessLog/default/a", message: 'there is no MeshOpenTelemetryBackend with labels {"team":"core"}' },
    ]);
    expect(missing?.conf.backends).toEqual([]);
  });

  it("a route with logs of its own has only these, and is told by its metadata", () => {
    const [route] = policiesFrom(
      `{type: MeshHTTPRoute, mesh: default, name: r, spec: {to: [{targetRef: {kind: MeshService, name: orders},
         rules: [{matches: [{path: {type: PathPrefix, value: /a}}], default: {}}]}]}}`,
    );
    const options = { routes: ["MeshHTTPRoute/default/r"], world: { ...world, list: () => (route ? [route] : []) } };
    const yaml =
      policy("a", toMesh(file("/tmp/all.log"))) +
      policy("b", `{to: [{targetRef: {kind: MeshHTTPRoute, name: r}, default: {backends: [${file("/tmp/r.log")}]}}]}`);
    expect(
      outboundLoggers(yaml, options).map(({ typedConfig, filter }) => [
        typedConfig["path"],
        filter?.extensionFilter.typedConfig.expression,
      ]),
    ).toEqual([
      ["/tmp/all.log", "!(has(xds.route_metadata) && 'kuma.routes' in xds.route_metadata.filter_metadata)"],
      ["/tmp/r.log", `xds.route_metadata.filter_metadata['kuma.routes']['route_kri'] == "kri_mhttpr_default___r_"`],
    ]);
    const own = decideOutbound(outboundLogs, yaml, options)?.byRoute?.["MeshHTTPRoute/default/r"];
    expect(outboundLogs.route?.(routeDraft, own as never, outboundTarget())).toMatchObject({
      metadata: { filterMetadata: { "kuma.routes": { route_kri: "kri_mhttpr_default___r_" } } },
    });
  });

  it("reads of the client only what its formats ask for", () => {
    const traits = (backend: string) => policiesFrom(policy("a", toMesh(backend))).map((each) => logTraits(each as never))[0];
    expect(traits(file("/tmp/a.log"))).toEqual([]);
    expect(traits("{type: File, file: {path: /tmp/a.log}}")).toEqual([{ tag: "kuma.io/service" }]);
    expect(traits(file("/tmp/a.log", "%KUMA_WORKLOAD%"))).toEqual([{ label: "kuma.io/workload" }]);
    expect(traits("{type: Tcp, tcp: {address: 'a:1', format: {type: Plain, plain: x}}}")).toEqual(["self"]);
  });
});

describe("of what a proxy receives", () => {
  const rules = (text: string) => `{rules: [${text}]}`;
  const expressions = (yaml: string, secured = true) => {
    const conf = decideInbound(inboundLogs, yaml)?.conf;
    const chain = inboundLogs.chain?.(httpChain, conf as never, { ...inboundTarget(), secured });
    return loggersOf(lastFilter(chain)).map(({ typedConfig, filter }) => [
      typedConfig["path"],
      filter?.extensionFilter.typedConfig.expression,
    ]);
  };
  const batch = `connection.uri_san_peer_certificate == "spiffe://default/batch"`;

  it("rules add up; an empty list silences just its clients; strangers are known to nobody in plaintext", () => {
    const yaml = policy(
      "a",
      rules(`{default: {backends: [${file("/tmp/all.log")}]}},
        {matches: [{spiffeID: {type: Exact, value: "spiffe://default/batch"}}], default: {backends: []}},
        {matches: [{spiffeID: {type: Prefix, value: "spiffe://default/b"}}], default: {backends: [${file("/tmp/b.log")}]}}`),
    );
    expect(expressions(yaml)).toEqual([
      ["/tmp/b.log", `connection.uri_san_peer_certificate.startsWith("spiffe://default/b") && !(${batch})`],
      ["/tmp/all.log", `!(${batch})`],
    ]);
    expect(expressions(yaml, false)).toEqual([["/tmp/all.log", undefined]]);
  });

  it("`from` for the mesh is a rule for everybody, and a stronger policy's counts", () => {
    const weak = policy("b", `{from: [{targetRef: {kind: Mesh}, default: {backends: [${file("/tmp/b.log")}]}}]}`);
    const strong = policy("a", rules(`{default: {backends: [${file("/tmp/a.log")}]}}`));
    expect(expressions(weak + strong)).toEqual([["/tmp/a.log", undefined]]);
  });
});
