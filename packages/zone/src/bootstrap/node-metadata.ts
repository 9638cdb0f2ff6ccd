import type { BootstrapRequest } from "./bootstrap-request.ts";
import { object, portText, text } from "./json-fields.ts";

export interface NodeFacts {
  readonly adminPort: number;
  /** "" for a TCP admin. */
  readonly socketPath: string;
  /** Of the proxy's resource: what access logs show as the source of its requests. */
  readonly address: string;
  readonly controlPlaneVersion: string;
}

/** The node metadata that Envoy sends back in its first discovery request (reference: dataplane-protocol.md section 4). */
export function nodeMetadata(request: BootstrapRequest, facts: NodeFacts): Record<string, unknown> {
  const { raw } = request;
  const metricsResources = object(raw["metricsResources"]);
  const version = object(raw["version"]);
  return withoutEmpty({
    "dataplane.admin.port": String(facts.adminPort),
    "dataplane.admin.address": "127.0.0.1",
    "dataplane.admin.socketPath": facts.socketPath,
    "dataplane.address": facts.address,
    "dataplane.dns.port": portText(raw["dnsPort"]),
    "dataplane.readinessReporter.port": portText(raw["readinessPort"]),
    // The name says the opposite on the wire: true means that the probe proxy is enabled.
    "dataplane.appProbeProxy.enabled": raw["appProbeProxyDisabled"] === true ? "true" : "",
    "dataplane.proxyType": request.proxyType,
    "dataplane.resource": request.dataplaneResource,
    dynamicMetadata: object(raw["dynamicMetadata"]),
    version: { ...version, kumaDp: { ...object(version["kumaDp"]), kumaCpCompatible: true } },
    features: request.features,
    workdir: request.workdir,
    metricsCertPath: text(metricsResources["certPath"]),
    metricsKeyPath: text(metricsResources["keyPath"]),
    systemCaPath: text(raw["systemCaPath"]),
    ipv6Enabled: raw["ipv6Enabled"] !== false,
    "spireAgent.socketPath": text(object(raw["spireResources"])["socketPath"]),
    transparentProxy: object(raw["dataplaneConfig"])["transparentProxy"] ?? raw["dataplaneConfig"],
    otelEnvInventory: raw["otelEnv"],
  });
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined && value !== null));
}
