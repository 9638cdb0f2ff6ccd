import { type EncodedResource, type ProxyPatch, typeUrls } from "@meridian/envoy";
import type { ProxyUpdate } from "@meridian/generator";
import { compareText } from "@meridian/model";
import type { ChangedProxy, ChangeGroup, ResourceStep } from "./types.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

/** A proxy whose config would differ. */
export interface TouchedProxy extends ChangedProxy {
  readonly image: ZoneImage;
  readonly id: string;
  readonly type: "dataplane" | "ingress" | "egress";
  /** It gets its first config: nothing was there before. */
  readonly isNew: boolean;
  readonly forward: ProxyUpdate;
}

/** A group with what the rest needs to know of its proxies. */
export interface TouchedGroup extends ChangeGroup {
  readonly proxies: readonly TouchedProxy[];
}

const emptyPatch: ProxyPatch = { changed: [], removed: [] };

/**
 * Proxies that go from the same resources to the same resources, whatever their zone.
 * @param back what leads each proxy back, by zone and id: the resources that it has now.
 */
export function groupProxies(
  touched: readonly TouchedProxy[],
  back: (proxy: TouchedProxy) => ProxyUpdate | undefined,
): readonly TouchedGroup[] {
  const texts = new WeakMap<ProxyPatch, string>();
  const textOf = (patch: ProxyPatch): string => {
    const known = texts.get(patch) ?? patchText(patch);
    texts.set(patch, known);
    return known;
  };
  const groups = new Map<string, { readonly proxies: TouchedProxy[]; readonly forward: ProxyPatch; readonly back: ProxyPatch }>();
  for (const proxy of touched) {
    const { patch } = proxy.forward;
    const reverse = back(proxy)?.patch ?? emptyPatch;
    const key = `${textOf(patch)}\n\n${textOf(reverse)}`;
    const group = groups.get(key);
    if (group) group.proxies.push(proxy);
    else groups.set(key, { proxies: [proxy], forward: patch, back: reverse });
  }
  return [...groups.values()]
    .map(({ proxies, forward, back }) => ({ proxies, steps: stepsOf(forward, back), bytes: bytesOf(forward) }))
    .sort((a, b) => b.proxies.length - a.proxies.length);
}

/** Equal texts, equal steps. */
export function patchText({ changed, removed }: ProxyPatch, counts: (resource: Named) => boolean = () => true): string {
  const parts = [
    ...changed.filter(counts).map((resource) => `${resourceKey(resource)} ${resource.version}`),
    ...removed.filter(counts).map((resource) => `${resourceKey(resource)} -`),
  ];
  return parts.sort().join("\n");
}

export type Named = Pick<EncodedResource, "typeUrl" | "name">;

/** What a proxy is sent: encoded resources as they are, and the names of those that go. Bytes. */
export function bytesOf({ changed, removed }: ProxyPatch): number {
  const sent = changed.reduce((sum, { delta }) => sum + delta.length, 0);
  return removed.reduce((sum, { name }) => sum + name.length, sent);
}

const typeOrder: readonly string[] = [typeUrls.listener, typeUrls.route, typeUrls.cluster, typeUrls.endpoint, typeUrls.secret];

/** The way back names what was: a resource that it puts was there before, one that it removes was not. */
function stepsOf(forward: ProxyPatch, back: ProxyPatch): readonly ResourceStep[] {
  const before = new Map(back.changed.map((resource) => [resourceKey(resource), resource]));
  const changed = forward.changed.map((after): ResourceStep => {
    const was = before.get(resourceKey(after));
    return { ...(was && { before: was }), after, policies: policiesOf(was, after) };
  });
  const removed = forward.removed.flatMap((gone): ResourceStep[] => {
    const was = before.get(resourceKey(gone));
    return was ? [{ before: was, policies: policiesOf(was) }] : [];
  });
  return [...changed, ...removed].sort((a, b) => compareSteps(named(a), named(b)));
}

function policiesOf(...resources: readonly (EncodedResource | undefined)[]): readonly string[] {
  return [...new Set(resources.flatMap((resource) => resource?.origins ?? []))].sort(compareText);
}

function compareSteps(a: Named, b: Named): number {
  return typeOrder.indexOf(a.typeUrl) - typeOrder.indexOf(b.typeUrl) || compareText(a.name, b.name);
}

function named({ before, after }: ResourceStep): Named {
  return (after ?? before) as Named;
}

function resourceKey({ typeUrl, name }: Named): string {
  return `${typeUrl}\n${name}`;
}
