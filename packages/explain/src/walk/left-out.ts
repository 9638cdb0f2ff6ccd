import { type DataplaneInbound, type DataplaneSpec, type Tags, tagNames } from "@meridian/model";
import { listText } from "../told/words.ts";
import type { LeftOut } from "../types.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { Client } from "./client.ts";

/** Instances of the service that get nothing of this destination's traffic, and why. @param reached `zone/dataplane` of those that do */
export function leftOutOf(worlds: Worlds, client: Client, wanted: Tags, reached: ReadonlySet<string>): readonly LeftOut[] {
  const service = wanted[tagNames.service];
  if (service === undefined) return [];
  return worlds.dataplanes.flatMap(({ zone, resource: { name, spec } }): readonly LeftOut[] => {
    if (reached.has(`${zone}/${name}`)) return [];
    const inbounds = (spec.networking.inbound ?? []).filter(({ tags }) => tags?.[tagNames.service] === service);
    const [inbound] = inbounds;
    if (!inbound) return [];
    const reasons = inbounds.map((each) => tagReason(each, zone, wanted) ?? healthReason(each));
    const reason = reasons.includes(undefined) ? placeReason(worlds, client, zone, spec) : reasons[0];
    return [{ zone, name, reason: reason ?? "it is not among the endpoints" }];
  });
}

/** `its version is v1`; undefined: it has all the tags. */
function tagReason({ tags = {} }: DataplaneInbound, zone: string, wanted: Tags): string | undefined {
  const own: Tags = { [tagNames.zone]: zone, ...tags };
  const others = Object.entries(wanted).filter(([tag, value]) => own[tag] !== value);
  if (others.length === 0) return undefined;
  return listText(others.map(([tag]) => (own[tag] === undefined ? `it has no tag ${tag}` : `its ${tag} is ${own[tag]}`)));
}

function healthReason({ state, health }: DataplaneInbound): string | undefined {
  if (state !== undefined && state !== "Ready") return `it is ${state === "NotReady" ? "not ready" : state.toLowerCase()}`;
  return health && !health.ready ? "it is not healthy" : undefined;
}

/** Of an instance that would do, were it somewhere else. */
function placeReason(worlds: Worlds, { world, placed }: Client, zone: string, { networking }: DataplaneSpec): string | undefined {
  if (zone === world.zone) return networking.gateway ? "it is a gateway" : "its address is no IP address";
  const { mesh } = placed.resource;
  if (worlds.isDisabled(zone)) return `zone ${zone} is switched off`;
  if (!world.view.mesh(mesh)?.mtls) return "other zones are reached with mTLS only, and the mesh has none";
  const ingresses = world.list<{ readonly zone?: string }>("ZoneIngress").filter(({ labels, spec }) => {
    return (labels["kuma.io/zone"] ?? spec.zone) === zone;
  });
  return ingresses.length === 0 ? `zone ${zone} has no ingress` : `the ingress of zone ${zone} does not offer it`;
}
