import { readFileSync } from "node:fs";
import { decodeMessage, type EncodedResource, renderBootstrap } from "@meridian/envoy";
import { coreKinds, createKindRegistry, parseDocuments, type Resource, toResourceInput } from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { createMeshView, generate } from "../generate.ts";
import type { ProxyConfig, ProxyDescription } from "../types.ts";
import { namesOf } from "./names.ts";
import { egress, ingress, sidecar } from "./resources.ts";

export interface GoldenCase {
  /** `golden/<input>.in.yaml` */
  readonly input: string;
  readonly zone: string;
  readonly proxy: ProxyDescription;
  /** `golden/<output>.out.yaml` */
  readonly output: string;
}

/** Beside a program that reads its logs and metrics. */
const forwardingSidecar: ProxyDescription = {
  ...sidecar("default", "web-1", ["feature-tcp-accesslog-via-named-pipe"]),
  workdir: "/run/web-1",
};

/** Beside a program that answers DNS. */
function embeddedDns(name: string): ProxyDescription {
  return { ...sidecar("default", name, ["feature-embedded-dns"]), workdir: `/run/${name}`, dnsPort: 15054 };
}

export const goldenCases: readonly GoldenCase[] = [
  { input: "demo-west", zone: "west", proxy: sidecar("default", "magnanimo-1"), output: "demo-west-magnanimo" },
  { input: "demo-east", zone: "east", proxy: sidecar("default", "benigno-v1"), output: "demo-east-benigno" },
  { input: "demo-east", zone: "east", proxy: ingress("zi-east"), output: "demo-east-ingress" },
  { input: "mixed", zone: "west", proxy: sidecar("default", "web-1", ["feature-reuse-port"]), output: "mixed-web" },
  { input: "mixed", zone: "west", proxy: ingress("zi-west"), output: "mixed-ingress" },
  { input: "external", zone: "west", proxy: sidecar("default", "web-1"), output: "external-web" },
  { input: "egress", zone: "west", proxy: sidecar("default", "web-1"), output: "egress-web" },
  { input: "egress", zone: "west", proxy: egress("ze-west"), output: "egress-egress" },
  { input: "egress", zone: "west", proxy: ingress("zi-west"), output: "egress-ingress" },
  { input: "egress-identity", zone: "west", proxy: sidecar("default", "web-1"), output: "egress-identity-web" },
  { input: "egress-identity", zone: "west", proxy: egress("ze-west"), output: "egress-identity-egress" },
  { input: "names", zone: "west", proxy: { ...sidecar("default", "web-1"), dnsPort: 15054 }, output: "names-web" },
  { input: "names", zone: "west", proxy: embeddedDns("batch-1"), output: "names-batch" },
  { input: "transparent", zone: "west", proxy: sidecar("default", "web-1"), output: "transparent-web" },
  { input: "services", zone: "west", proxy: sidecar("default", "web-1"), output: "services-web" },
  { input: "services", zone: "west", proxy: ingress("zi-west"), output: "services-ingress" },
  { input: "services", zone: "west", proxy: sidecar("default", "door-1"), output: "services-door" },
  { input: "balanced", zone: "west", proxy: sidecar("default", "web-1"), output: "balanced-web" },
  { input: "limits", zone: "west", proxy: sidecar("default", "web-1"), output: "limits-web" },
  { input: "traces", zone: "west", proxy: sidecar("default", "web-1"), output: "traces-web" },
  { input: "traces", zone: "west", proxy: sidecar("default", "batch-1"), output: "traces-batch" },
  { input: "traces", zone: "west", proxy: sidecar("other", "web-2"), output: "traces-legacy" },
  { input: "metrics", zone: "west", proxy: forwardingSidecar, output: "metrics-web" },
  { input: "metrics", zone: "west", proxy: { ...sidecar("other", "web-2"), workdir: "/run/web-2" }, output: "metrics-legacy" },
  { input: "logs", zone: "west", proxy: forwardingSidecar, output: "logs-web" },
  { input: "gateway", zone: "west", proxy: sidecar("default", "edge-1"), output: "gateway-edge" },
  { input: "gateway-routes", zone: "west", proxy: sidecar("default", "edge-1"), output: "gateway-routes-edge" },
  { input: "cross-mesh", zone: "west", proxy: sidecar("shop", "edge-1"), output: "cross-mesh-edge" },
  { input: "cross-mesh", zone: "west", proxy: sidecar("default", "web-1"), output: "cross-mesh-web" },
  { input: "cross-mesh", zone: "west", proxy: ingress("zi-west"), output: "cross-mesh-ingress" },
  { input: "identity", zone: "west", proxy: sidecar("default", "web-1"), output: "identity-web" },
  { input: "identity", zone: "west", proxy: sidecar("default", "orders-1"), output: "identity-spire" },
  { input: "identity", zone: "west", proxy: sidecar("default", "old-1"), output: "identity-old" },
  { input: "identity", zone: "west", proxy: sidecar("plain", "web-2"), output: "identity-plain" },
  { input: "resilience", zone: "west", proxy: sidecar("default", "web-1"), output: "resilience-web" },
  { input: "resilience", zone: "west", proxy: sidecar("other", "web-2"), output: "resilience-legacy" },
];

const registry = createKindRegistry([...coreKinds, ...policyKinds]);

/** Resources as users write them, through the same parsing and validation as in production. @throws naming every violation. */
export function readResources(input: string): readonly Resource[] {
  const source = `${input}.in.yaml`;
  const text = readFileSync(goldenFile(source), "utf8");
  const { documents, problems } = parseDocuments(text, { source });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return documents.map(({ value }, index) => {
    const result = toResourceInput(value, registry);
    if ("violations" in result) throw new Error(`${source} document ${index}: ${JSON.stringify(result.violations)}`);
    const time = new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString();
    // Users do not write status, control planes do: addresses are there.
    const { status } = value as { readonly status?: unknown };
    const written = { ...result.ok, ...(status !== undefined && { status }) };
    return { ...written, version: index + 1, creationTime: time, modificationTime: time };
  });
}

export function generateCase({ input, zone, proxy }: GoldenCase): ProxyConfig {
  const resources = readResources(input);
  return generate(proxy, createMeshView({ zone, resources: [...resources, ...(input === "names" ? namesOf(resources) : [])] }));
}

/** What Envoy reads from the bytes, by type; with the policies that a refusal would be put down to. */
export function renderConfig({ resources, identity, identities }: ProxyConfig): string {
  const byType = [...resources].map(([typeUrl, ofType]) => {
    const sorted = [...ofType.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [typeUrl.slice(typeUrl.lastIndexOf(".") + 1), sorted.map(renderResource)] as const;
  });
  return renderBootstrap({
    ...Object.fromEntries(byType.sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(identity && { identity }),
    ...(identities && { identities }),
  });
}

function renderResource(resource: EncodedResource): object {
  return { ...(resource.origins.length > 0 && { origins: resource.origins }), resource: decodeResource(resource) };
}

/** As Envoy would print it: read back from the bytes that delta ADS sends. */
export function decodeResource({ delta }: EncodedResource): Readonly<Record<string, unknown>> {
  const { resource } = decodeMessage("envoy.service.discovery.v3.Resource", delta) as { readonly resource: object };
  const { "@type": _, ...fields } = resource as Readonly<Record<string, unknown>>;
  return fields;
}

export function goldenFile(name: string): URL {
  return new URL(`../golden/${name}`, import.meta.url);
}
