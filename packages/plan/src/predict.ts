import type { ProxyUpdate, ViewChange } from "@meridian/generator";
import { keyText, type MeshSpec, type Revision } from "@meridian/model";
import { cutOffs } from "./cut-offs.ts";
import { bytesOf, groupProxies, type TouchedProxy } from "./group.ts";
import { focusOn, observe } from "./observe.ts";
import { Instant } from "./reach/instant.ts";
import { type MeshChange, summarise } from "./summarise.ts";
import type { Plan, ZoneImpact } from "./types.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

/** A zone as it is, and what the proposed changes are there; empty where they do not concern it. */
export interface ZoneProposal {
  readonly image: ZoneImage;
  readonly changes: readonly ViewChange[];
}

export interface PredictOptions {
  readonly revision: Revision;
  /** Whether a proxy is connected now. */
  readonly isOnline: (zone: string, proxyId: string) => boolean;
}

/**
 * What the changes would do, by the engine of production: applied to each zone's image, looked at, and taken back. Synchronous, and
 * the images are afterwards what they were before.
 */
export function predict(proposals: readonly ZoneProposal[], options: PredictOptions): Plan {
  const images = proposals.map(({ image }) => image);
  const meshes = proposals.flatMap(meshChanges);
  const failedBefore = new Set(images.flatMap((image) => image.engine.failures.map(({ unit }) => `${image.zone} ${unit}`)));
  const steps = proposals.map((proposal) => {
    const missing = missingIn(proposal);
    return { image: proposal.image, missing, ...proposal.image.apply(proposal.changes) };
  });
  const touched = steps.flatMap((step) => touchedBy(step, options));
  const failures = images.flatMap((image) =>
    image.engine.failures
      .filter(({ unit }) => !failedBefore.has(`${image.zone} ${unit}`))
      .map((failure) => ({ ...failure, zone: image.zone })),
  );
  const focus = focusOn(images, touched, options.isOnline);
  const after = observe(new Instant(images), focus);
  const back = new Map(steps.map(({ image, inverse }) => [image, image.revert(inverse)]));
  const before = observe(new Instant(images), focus);
  const groups = groupProxies(touched, ({ image, id }) => back.get(image)?.get(id));
  return {
    revision: options.revision,
    zones: proposals.map(({ image }) => impactOn(image, touched)),
    summary: summarise({ groups, focus, before, after, meshes }),
    cutOffs: cutOffs(focus, before, after),
    groups,
    failures,
  };
}

interface Step {
  readonly image: ZoneImage;
  /** `keyText` of what is written and does not exist yet. */
  readonly missing: ReadonlySet<string>;
  readonly updates: ReadonlyMap<string, ProxyUpdate>;
}

function missingIn({ image, changes }: ZoneProposal): ReadonlySet<string> {
  const keys = changes.map((change) => (change.op === "put" ? change.resource : change.key));
  return new Set(keys.filter((key) => !image.resource(key)).map(keyText));
}

/** Called once the changes are applied. A proxy whose resource goes keeps what it has until it leaves, so it is not touched. */
function touchedBy({ image, missing, updates }: Step, { isOnline }: PredictOptions): readonly TouchedProxy[] {
  return [...updates].flatMap(([id, forward]): TouchedProxy[] => {
    const proxy = image.proxies.get(id);
    if (!proxy) return [];
    const { type, mesh, name } = proxy;
    const key = { kind: type === "dataplane" ? "Dataplane" : "ZoneIngress", mesh, name };
    if (!image.resource(key)) return [];
    const isNew = missing.has(keyText(key));
    return [{ image, id, type, mesh, name, zone: image.zone, isOnline: isOnline(image.zone, id), isNew, forward }];
  });
}

function impactOn(image: ZoneImage, touched: readonly TouchedProxy[]): ZoneImpact {
  const here = touched.filter((proxy) => proxy.image === image);
  const online = here.filter(({ isOnline }) => isOnline);
  return {
    zone: image.zone,
    proxies: image.proxies.size,
    changed: here.length,
    changedOnline: online.length,
    bytes: online.reduce((sum, { forward }) => sum + bytesOf(forward.patch), 0),
  };
}

/** Called before the changes are applied. */
function meshChanges({ image, changes }: ZoneProposal): readonly MeshChange[] {
  return changes.flatMap((change): MeshChange[] => {
    const key = change.op === "put" ? change.resource : change.key;
    if (key.kind !== "Mesh") return [];
    const after = change.op === "put" ? change.resource.spec : undefined;
    return [
      { image, mesh: key.name, before: image.resource(key)?.spec as MeshSpec | undefined, after: after as MeshSpec | undefined },
    ];
  });
}
