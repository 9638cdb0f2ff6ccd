import {
  at,
  compareText,
  type DataplaneInbound,
  type DataplaneSpec,
  type MeshSpec,
  type Tags,
  tagNames,
  type Violation,
} from "@meridian/model";

export interface DataplaneContext {
  readonly mesh: MeshSpec;
  /** Own zone; undefined leaves tags as they are. */
  readonly zone: string | undefined;
  /** What is stored now; undefined on creation. */
  readonly stored: DataplaneSpec | undefined;
  readonly watchesServiceProbes: boolean;
}

/** What the control plane writes into a Dataplane: the zone tag, and the state of probed inbounds. */
export function completeDataplane(spec: DataplaneSpec, context: DataplaneContext): DataplaneSpec {
  const { networking } = spec;
  const inbound = networking.inbound?.map((each) => completeInbound(each, context));
  const gateway = networking.gateway && { ...networking.gateway, tags: withZone(networking.gateway.tags ?? {}, context.zone) };
  return { ...spec, networking: { ...networking, ...(inbound && { inbound }), ...(gateway && { gateway }) } };
}

function completeInbound(inbound: DataplaneInbound, context: DataplaneContext): DataplaneInbound {
  const tags = (inbound.tags ?? {}) as Tags;
  // In a mesh without service tags an inbound without tags stays one: MeshServices find it by its labels.
  const staysWithout = Object.keys(tags).length === 0 && context.mesh.meshServices?.mode === "Exclusive";
  const tagged = staysWithout ? inbound : { ...inbound, tags: withZone(tags, context.zone) };
  if (!inbound.serviceProbe || inbound.state !== undefined || !context.watchesServiceProbes) return tagged;
  if (!context.stored) return { ...tagged, state: "NotReady", health: {} };
  const known = context.stored.networking.inbound?.find((other) => other.port === inbound.port && other.name === inbound.name);
  // What the probe has found out so far outlives an update of the rest.
  return { ...tagged, ...(known?.state && { state: known.state }), ...(known?.health && { health: known.health }) };
}

function withZone(tags: Tags, zone: string | undefined): Tags {
  return zone === undefined ? tags : { ...tags, [tagNames.zone]: zone };
}

/** Tells the user where a zone tag of theirs was replaced. */
export function replacedZoneTags(spec: DataplaneSpec, zone: string | undefined): readonly string[] {
  const { inbound = [], gateway } = spec.networking;
  const places = [
    ...inbound.map(({ tags }, index) => ({ path: `${at("networking.inbound", index)}.tags`, tags })),
    { path: "networking.gateway.tags", tags: gateway?.tags },
  ];
  return places.flatMap(({ path, tags }) => {
    const written = tags?.[tagNames.zone];
    if (zone === undefined || written === undefined || written === zone) return [];
    return [`${at(path, tagNames.zone)} is "${zone}", the zone of this control plane, instead of "${written}"`];
  });
}

/**
 * Whether a Dataplane may be a member of its mesh (`Mesh.constraints`): each tag set must fulfil at least one requirement, if there
 * are any, and match no restriction. `*` stands for any value that is not empty. Source: resources-legacy.md section 16.
 */
export function checkConstraints(mesh: string, meshSpec: MeshSpec, spec: DataplaneSpec): readonly Violation[] {
  const { requirements = [], restrictions = [] } = meshSpec.constraints?.dataplaneProxy ?? {};
  if (requirements.length === 0 && restrictions.length === 0) return [];
  return tagSetsOf(spec).flatMap(({ path, tags }) => {
    const what = `dataplane cannot be a member of mesh "${mesh}" because its tags "${textOf(tags)}"`;
    if (requirements.length > 0 && !requirements.some((rule) => fulfils(tags, rule.tags))) {
      return [{ path, message: `${what} do not fulfill any requirements defined on the Mesh` }];
    }
    const broken = restrictions.find((rule) => fulfils(tags, rule.tags));
    return broken ? [{ path, message: `${what} match the restricted tags "${textOf(broken.tags)}" of the Mesh` }] : [];
  });
}

function tagSetsOf({ networking }: DataplaneSpec): readonly { readonly path: string; readonly tags: Tags }[] {
  const { inbound = [], gateway } = networking;
  const ofGateway = gateway ? [{ path: "networking.gateway.tags", tags: gateway.tags ?? {} }] : [];
  return [
    ...inbound.map(({ tags }, index) => ({ path: `${at("networking.inbound", index)}.tags`, tags: tags ?? {} })),
    ...ofGateway,
  ];
}

function fulfils(tags: Tags, rule: Tags): boolean {
  return Object.entries(rule).every(([name, value]) => (value === "*" ? Boolean(tags[name]) : tags[name] === value));
}

function textOf(tags: Tags): string {
  const names = Object.keys(tags).sort(compareText);
  return names.map((name) => `${name}=${tags[name]}`).join(" ");
}
