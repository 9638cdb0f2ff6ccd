import type { Tags } from "../../labels.ts";
import { validateResourceName } from "../../rules/names.ts";
import { isIpAddress, validatePort } from "../../rules/network.ts";
import { validateTags } from "../../rules/tags.ts";
import { at, type Violation } from "../../violation.ts";
import type { UncheckedDataplane } from "./schema.ts";

type UncheckedNetworking = NonNullable<UncheckedDataplane["networking"]>;
type UncheckedOutbound = NonNullable<UncheckedNetworking["outbound"]>[number];

const destinationKinds = ["MeshExternalService", "MeshMultiZoneService", "MeshService"];
const kindMessage = `invalid value. Available values are: ${destinationKinds.join(",")}`;

export function validateOutbound(path: string, outbound: UncheckedOutbound): readonly Violation[] {
  const violations: Violation[] = [...validatePort(`${path}.port`, outbound.port)];
  if (outbound.address && !isIpAddress(outbound.address)) {
    violations.push({ path: `${path}.address`, message: "address has to be valid IP address" });
  }
  const tags = outbound.tags as Tags | undefined;
  if (!outbound.backendRef) {
    return [...violations, ...validateTags(`${path}.tags`, tags, { requireTag: false, requireService: true })];
  }
  if (tags && Object.keys(tags).length > 0) {
    violations.push({ path: `${path}.backendRef`, message: "both backendRef and tags/service cannot be defined" });
  }
  return [...violations, ...validateBackendRef(`${path}.backendRef`, outbound.backendRef)];
}

function validateBackendRef(path: string, ref: NonNullable<UncheckedOutbound["backendRef"]>): readonly Violation[] {
  const violations: Violation[] = [];
  if (!destinationKinds.includes(ref.kind ?? "")) violations.push({ path: `${path}.kind`, message: kindMessage });
  const hasLabels = Object.keys(ref.labels ?? {}).length > 0;
  if (Boolean(ref.name) === hasLabels) violations.push({ path, message: "either 'name' or 'labels' should be specified" });
  // The port of a MeshExternalService is its own affair: it has exactly one.
  if (ref.kind !== "MeshExternalService") violations.push(...validatePort(`${path}.port`, ref.port));
  return violations;
}

/** Paths say `transparentProxing`, as the peer's do. */
export function validateTransparentProxying(proxying: UncheckedNetworking["transparentProxying"]): readonly Violation[] {
  if (!proxying) return [];
  const path = "networking.transparentProxing";
  const violations: Violation[] = [];
  for (const field of ["redirectPortInbound", "redirectPortOutbound"] as const) {
    const port = proxying[field];
    if (port) violations.push(...validatePort(`${path}.${field}`, port));
  }
  proxying.reachableBackends?.refs?.forEach((ref, index) => {
    violations.push(...validateReachable(at(`${path}.reachableBackends.refs`, index), ref));
  });
  return violations;
}

type UncheckedProxying = NonNullable<UncheckedNetworking["transparentProxying"]>;
type UncheckedReachable = NonNullable<NonNullable<UncheckedProxying["reachableBackends"]>["refs"]>[number];

function validateReachable(path: string, ref: UncheckedReachable): readonly Violation[] {
  const violations: Violation[] = [];
  const hasLabels = Object.keys(ref.labels ?? {}).length > 0;
  if (!destinationKinds.includes(ref.kind ?? "")) violations.push({ path: `${path}.kind`, message: kindMessage });
  if (ref.name) violations.push(...validateResourceName(ref.name, `${path}.name`));
  else if (ref.namespace) violations.push({ path: `${path}.name`, message: "name is required, when namespace is defined" });
  else if (!hasLabels) violations.push({ path: `${path}.name`, message: "name or labels are required" });
  if (ref.name && hasLabels) {
    violations.push({ path: `${path}.labels`, message: "labels cannot be defined when name is specified" });
  }
  if (ref.port) violations.push(...validatePort(`${path}.port`, ref.port));
  return violations;
}
