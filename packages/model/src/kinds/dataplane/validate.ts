import { type Tags, tagNames } from "../../labels.ts";
import { isIpAddress, isLoopback, validatePort, validateProxyAddress } from "../../rules/network.ts";
import { hasWrittenTags, validateProtocolTag, validateTags } from "../../rules/tags.ts";
import { at, type Violation } from "../../violation.ts";
import { validatePrometheus } from "../mesh/metrics.ts";
import { validateGateway } from "./gateway.ts";
import { validateListeners } from "./listeners.ts";
import { validateOutbound, validateTransparentProxying } from "./outbounds.ts";
import type { UncheckedDataplane } from "./schema.ts";

export type UncheckedNetworking = NonNullable<UncheckedDataplane["networking"]>;
type UncheckedInbound = NonNullable<UncheckedNetworking["inbound"]>[number];

/** Source of rules, paths and words: resources-legacy.md section 17. */
export function validateDataplane(spec: UncheckedDataplane): readonly Violation[] {
  if (!spec.networking) return [{ path: "networking", message: "must be defined" }, ...validateProbes(spec.probes)];
  const { networking } = spec;
  return [
    ...validateProxyAddress("networking.address", networking.address, "address can't be empty"),
    ...validateAdminPort(networking),
    ...(networking.inbound ?? []).flatMap((inbound, index) =>
      validateInbound(at("networking.inbound", index), inbound, networking.address),
    ),
    ...(networking.outbound ?? []).flatMap((outbound, index) => validateOutbound(at("networking.outbound", index), outbound)),
    ...validateGateway(spec),
    ...validateListeners(networking),
    ...validateTransparentProxying(networking.transparentProxying),
    ...validateProbes(spec.probes),
    ...(networking.gateway ? [] : validateMetrics(spec.metrics)),
  ];
}

/** Envoy's admin API listens on loopback. */
function validateAdminPort(networking: UncheckedNetworking): readonly Violation[] {
  const port = networking.admin?.port;
  if (!port) return [];
  const path = "networking.admin.port";
  const violations: Violation[] = [...validatePort(path, port)];
  const takenByInbound = networking.inbound?.some((inbound) => {
    const listener = inbound.address || networking.address || "";
    const application = inbound.serviceAddress || listener;
    const isListener = inbound.port === port && overlapsLoopback(listener);
    return isListener || ((inbound.servicePort || inbound.port) === port && overlapsLoopback(application));
  });
  if (takenByInbound) violations.push({ path, message: "must differ from inbound" });
  const takenByOutbound = networking.outbound?.some(
    (outbound) => outbound.port === port && overlapsLoopback(outbound.address || "127.0.0.1"),
  );
  if (takenByOutbound) violations.push({ path, message: "must differ from outbound" });
  return violations;
}

function overlapsLoopback(address: string): boolean {
  return isLoopback(address) || address === "0.0.0.0" || address === "::";
}

function validateInbound(path: string, inbound: UncheckedInbound, dataplaneAddress: string | undefined): readonly Violation[] {
  const violations: Violation[] = [...validatePort(`${path}.port`, inbound.port)];
  if (inbound.servicePort) violations.push(...validatePort(`${path}.servicePort`, inbound.servicePort));
  if (inbound.address && !isIpAddress(inbound.address)) {
    violations.push({ path: `${path}.address`, message: "address has to be valid IP address" });
  }
  if (inbound.serviceAddress) violations.push(...validateServiceAddress(path, inbound, dataplaneAddress));
  violations.push(...validateInboundTags(`${path}.tags`, inbound.tags as Tags | undefined));
  if (inbound.protocol) violations.push(...validateProtocolTag(`${path}.protocol`, inbound.protocol));
  return [...violations, ...validateServiceProbe(`${path}.serviceProbe`, inbound.serviceProbe)];
}

function validateServiceAddress(
  path: string,
  inbound: UncheckedInbound,
  dataplaneAddress: string | undefined,
): readonly Violation[] {
  const { serviceAddress = "", port, servicePort } = inbound;
  const where = `${path}.serviceAddress`;
  if (!isIpAddress(serviceAddress)) return [{ path: where, message: "serviceAddress has to be valid IP address" }];
  const isSame = serviceAddress === (inbound.address || dataplaneAddress) && (servicePort || port) === port;
  return isSame ? [{ path: where, message: "serviceAddress and servicePort has to differ from address and port" }] : [];
}

/** An inbound without any tag is allowed: it serves MeshServices only. */
function validateInboundTags(path: string, tags: Tags | undefined): readonly Violation[] {
  const violations: Violation[] = [...validateTags(path, tags, { requireTag: false, checkProtocol: true })];
  if (tags && hasWrittenTags(tags) && !(tagNames.service in tags)) {
    violations.push({ path: at(path, tagNames.service), message: "tag has to exist" });
  }
  return violations;
}

function validateServiceProbe(path: string, probe: UncheckedInbound["serviceProbe"]): readonly Violation[] {
  if (!probe) return [];
  const { interval, timeout, unhealthyThreshold, healthyThreshold } = probe;
  // Durations are in their normal form here: a zero is `0s`.
  const checks = { interval, timeout, unhealthyThreshold, healthyThreshold };
  return Object.entries(checks).flatMap(([field, value]) =>
    value === 0 || value === "0s" ? [{ path: `${path}.${field}`, message: "must have a positive value" }] : [],
  );
}

function validateProbes(probes: UncheckedDataplane["probes"]): readonly Violation[] {
  if (!probes) return [];
  const violations: Violation[] = [...validatePort("probes.port", probes.port)];
  probes.endpoints?.forEach((endpoint, index) => {
    const path = at("probes.endpoints", index);
    violations.push(...validatePort(`${path}.inboundPort`, endpoint.inboundPort));
    for (const field of ["inboundPath", "path"] as const) {
      if (!(endpoint[field] ?? "").startsWith("/")) {
        violations.push({ path: `${path}.${field}`, message: "should be a valid URL Path" });
      }
    }
  });
  return violations;
}

function validateMetrics(metrics: UncheckedDataplane["metrics"]): readonly Violation[] {
  if (!metrics) return [];
  if (metrics.type !== "prometheus") {
    return [{ path: "metrics.type", message: 'unknown backend type. Available backends: "prometheus"' }];
  }
  return validatePrometheus("metrics.conf", metrics.conf);
}
