import { hasIdentities } from "@meridian/generator";
import {
  type DataplaneInbound,
  labelNames,
  type MeshMultiZoneServiceSpec,
  type Resource,
  type Tags,
  tagNames,
} from "@meridian/model";
import { contributionTo, isBehind, type ServiceSelector, servicePorts, unknownProxy } from "@meridian/services";
import { tagReason } from "../told/tags.ts";
import type { LeftOut } from "../types.ts";
import type { PlacedDataplane, Worlds } from "../worlds/worlds.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import type { Client } from "./client.ts";
import type { Target } from "./routed.ts";

/** Instances that get nothing of a destination's traffic, and why. @param reached `zone/dataplane` of those that do */
export function leftOutOf(worlds: Worlds, client: Client, target: Target, reached: ReadonlySet<string>): readonly LeftOut[] {
  const whyNot = target.backend ? byService(client.world, target, client) : byTags(target.tags);
  return worlds.dataplanes.flatMap((placed): readonly LeftOut[] => {
    const { zone, resource } = placed;
    if (reached.has(`${zone}/${resource.name}`)) return [];
    const reason = whyNot(placed);
    if (reason === undefined) return [];
    return [{ zone, name: resource.name, reason: reason === "fits" ? placeReason(worlds, client, placed) : reason }];
  });
}

/** Why a data plane is not meant; `fits`: it is; undefined: it has nothing to do with the destination. */
type WhyNot = (placed: PlacedDataplane) => string | undefined;

function byTags(wanted: Tags): WhyNot {
  const service = wanted[tagNames.service];
  return ({ zone, resource: { spec } }) => {
    const inbounds = (spec.networking.inbound ?? []).filter(({ tags }) => tags?.[tagNames.service] === service);
    if (service === undefined || inbounds.length === 0) return undefined;
    const reasons = inbounds.map((each) => tagReason({ [tagNames.zone]: zone, ...each.tags }, wanted) ?? healthReason(each));
    return reasons.includes(undefined) ? "fits" : reasons[0];
  };
}

/** A MeshService takes data planes by its selector, a MeshMultiZoneService those of its MeshServices. */
function byService(world: ZoneWorld, { backend }: Target, { placed: { resource } }: Client): WhyNot {
  const services = backend ? meshServicesBehind(world, resource.mesh, backend) : [];
  return ({ zone, resource: { name, labels, spec } }) => {
    for (const service of services) {
      const { selector = {} } = service.spec as { readonly selector?: ServiceSelector };
      const home = service.labels[labelNames.zone] || world.zone;
      if (home !== zone || !contributionTo(selector, { name, labels, spec, state: unknownProxy })) continue;
      const targets = servicePorts(service).filter(({ port }) => port === backend?.port);
      const inbounds = (spec.networking.inbound ?? []).filter((inbound) =>
        targets.some(({ targetPort }) => inbound.port === targetPort || inbound.name === String(targetPort)),
      );
      if (inbounds.length === 0) return `it has no inbound for port ${backend?.port}`;
      const reasons = inbounds.map(healthReason);
      return reasons.includes(undefined) ? "fits" : reasons[0];
    }
    return undefined;
  };
}

function meshServicesBehind(world: ZoneWorld, mesh: string, { kind, name }: NonNullable<Target["backend"]>): readonly Resource[] {
  const service = world.get<unknown>({ kind, mesh, name });
  if (!service || kind === "MeshExternalService") return [];
  if (kind === "MeshService") return [service];
  const spec = service.spec as MeshMultiZoneServiceSpec;
  return world.list("MeshService").filter((each) => isBehind(each, spec));
}

function healthReason({ state, health }: DataplaneInbound): string | undefined {
  if (state !== undefined && state !== "Ready") return `it is ${state === "NotReady" ? "not ready" : state.toLowerCase()}`;
  return health && !health.ready ? "it is not healthy" : undefined;
}

/** Of an instance that would do, were it somewhere else. */
function placeReason(worlds: Worlds, { world, placed }: Client, { zone, resource }: PlacedDataplane): string {
  const { networking } = resource.spec;
  if (zone === world.zone) return networking.gateway ? "it is a gateway" : "it is not among the endpoints";
  if (worlds.isDisabled(zone)) return `zone ${zone} is switched off`;
  if (!hasIdentities(world.view, placed.resource.mesh)) return "other zones are reached with mTLS only, and the mesh has none";
  const leavesByEgress = world.view.mesh(placed.resource.mesh)?.leavesByEgress === true;
  if (leavesByEgress && world.view.zoneEgresses().length === 0) return `zone ${world.zone} has no egress to leave by`;
  const ingresses = world.list<{ readonly zone?: string }>("ZoneIngress").filter(({ labels, spec }) => {
    return (labels[labelNames.zone] ?? spec.zone) === zone;
  });
  return ingresses.length === 0 ? `zone ${zone} has no ingress` : `the ingress of zone ${zone} does not offer it`;
}
