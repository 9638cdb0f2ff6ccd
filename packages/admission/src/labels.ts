import {
  at,
  type DataplaneSpec,
  type KindDefinition,
  type Labels,
  labelNames,
  type Resource,
  type ResourceInput,
  type Violation,
} from "@meridian/model";
import type { AdmissionDeps } from "./ports.ts";

type Place = Pick<AdmissionDeps, "role" | "zone" | "env">;

const label = (name: string) => at("labels", name);

/** Labels that a user may not set to this, here. Source: rest-api.md section 3 (body checks). */
export function checkLabels(
  resource: Omit<ResourceInput, "spec">,
  definition: KindDefinition,
  place: Place,
): readonly Violation[] {
  const { labels } = resource;
  const violations: Violation[] = [...checkOrigin(labels[labelNames.origin], definition, place)];
  const zone = labels[labelNames.zone];
  if (place.role !== "global" && zone !== undefined && zone !== place.zone) {
    violations.push({ path: label(labelNames.zone), message: `must be "${place.zone}", the zone of this control plane` });
  }
  const mesh = labels[labelNames.mesh];
  if (definition.scope === "mesh" && mesh !== undefined && mesh !== resource.mesh) {
    violations.push({ path: label(labelNames.mesh), message: `must be "${resource.mesh}", the mesh of the resource` });
  }
  if (resource.kind === "Dataplane") violations.push(...checkWorkload(labels[labelNames.workload]));
  return violations;
}

function checkOrigin(origin: string | undefined, definition: KindDefinition, { role }: Place): readonly Violation[] {
  const path = label(labelNames.origin);
  if (origin !== undefined && origin !== "global" && origin !== "zone") {
    return [{ path, message: `unknown origin "${origin}": must be "global" or "zone"` }];
  }
  if (role === "global" && origin === "zone") {
    return [{ path, message: 'the origin label must be set to "global" or left out: this is the global control plane' }];
  }
  // Legacy kinds that a zone may write are the zone's anyway, so only spec kinds have to say so.
  const mustSay = role === "zone" && definition.style === "spec";
  if (role === "zone" && (mustSay || origin !== undefined) && origin !== "zone") {
    return [{ path, message: 'the origin label must be set to "zone": this is the control plane of a zone' }];
  }
  return [];
}

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

function checkWorkload(workload: string | undefined): readonly Violation[] {
  if (workload === undefined || dnsLabel.test(workload)) return [];
  return [{ path: label(labelNames.workload), message: `"${workload}" must be a DNS label: a-z, 0-9 and "-", at most 63` }];
}

/**
 * What a resource is stored with: the user's labels are kept, missing ones are computed, and the proxy type always follows from the
 * spec. Source: multizone.md section 3 ("Order of set").
 */
export function computeLabels(resource: ResourceInput, definition: KindDefinition, place: Place): Labels {
  return { ...computeOriginLabels(resource, definition, place), ...proxyLabels(resource) };
}

/** Those of them that do not follow from the spec. */
export function computeOriginLabels(resource: Omit<ResourceInput, "spec">, definition: KindDefinition, place: Place): Labels {
  const isZones = place.role !== "global" && (definition.zoneOwned === true || definition.sync.zoneToGlobal === true);
  const missing = {
    ...(definition.scope === "mesh" && { [labelNames.mesh]: resource.mesh }),
    ...(isZones && { [labelNames.origin]: "zone", [labelNames.env]: place.env }),
    ...(isZones && place.zone !== undefined && { [labelNames.zone]: place.zone }),
    // Kubernetes names carry a namespace; the label keeps the name that users know.
    ...(place.env === "kubernetes" && isZones && { [labelNames.displayName]: resource.name }),
  };
  return { ...missing, ...resource.labels };
}

function proxyLabels({ kind, spec }: ResourceInput): Labels {
  if (kind === "ZoneIngress") return { [labelNames.proxyType]: "zoneingress" };
  if (kind === "ZoneEgress") return { [labelNames.proxyType]: "zoneegress" };
  if (kind !== "Dataplane") return {};
  const { networking } = spec as DataplaneSpec;
  const listens = (type: string) => networking.listeners?.some((listener) => listener.type === type) === true;
  return {
    [labelNames.proxyType]: networking.gateway ? "gateway" : "sidecar",
    ...(listens("ZoneIngress") && { "kuma.io/listener-zoneingress": "enabled" }),
    ...(listens("ZoneEgress") && { "kuma.io/listener-zoneegress": "enabled" }),
  };
}

/** Labels that say where a resource comes from never change while it lives. */
export function checkImmutableLabels(stored: Resource, labels: Labels): readonly Violation[] {
  return [labelNames.origin, labelNames.zone, labelNames.displayName].flatMap((name) => {
    const was = stored.labels[name];
    const becomes = labels[name];
    if (was === undefined || was === becomes) return [];
    const message = `is immutable: it is "${was}" and cannot ${becomes === undefined ? "be removed" : `become "${becomes}"`}`;
    return [{ path: label(name), message }];
  });
}

/** A resource can only be deleted where it comes from. */
export function checkDeletableHere(stored: Resource, { role }: Place): readonly Violation[] {
  const origin = stored.labels[labelNames.origin];
  const path = label(labelNames.origin);
  if (role === "zone" && origin === "global") {
    return [{ path, message: "the resource comes from the global control plane: delete it there" }];
  }
  if (role === "global" && origin === "zone") {
    const zone = stored.labels[labelNames.zone] ?? "unknown";
    return [{ path, message: `the resource comes from zone "${zone}": delete it there` }];
  }
  return [];
}
