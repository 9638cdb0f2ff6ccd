import { outboundRouteName } from "@meridian/envoy";
import type { ProxySubject } from "@meridian/policies";
import { meshIngressParts } from "../ingress/mesh-ingress.ts";
import type { GenerationContext, Part, PartUse, Profile } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import type { OutboundFacts, OutboundList } from "../view/outbound-list.ts";
import { sortedEntries, tagsText } from "../view/tags.ts";
import { envoyDnsPort, namesPart } from "./dns.ts";
import { bindOutbounds } from "./features.ts";
import { outboundResources } from "./outbound.ts";
import { proxyIdentity, shownIdentity } from "./proxy-identity.ts";
import type { ShownIdentity } from "./proxy-tls.ts";
import { joinOutbounds, reachedOutbounds } from "./reached-outbounds.ts";
import { dataplaneOf } from "./redirect.ts";
import { narrowSubject, subjectOf } from "./subject.ts";

/** The outbound side of a sidecar: what it has in common with all proxies that reach the same services in the same way. */
export function sidecarProfile(context: GenerationContext, proxy: ProxyDescription): Profile | undefined {
  const { view, sharesProfiles } = context;
  const dataplane = dataplaneOf(view, proxy);
  if (!view.mesh(proxy.mesh) || !dataplane) return undefined;
  const reached = reachedBy(view, proxy, dataplane);
  const whole = subjectOf(view, proxy, dataplane);
  const subject = sharesProfiles ? narrowSubject(view, whole) : whole;
  const ipv6Enabled = proxy.ipv6Enabled !== false;
  const bindToPort = !dataplane.transparentProxy || proxy.features.has(bindOutbounds);
  const identity = proxyIdentity(view, proxy.mesh, dataplane.labels);
  const shown = identity && shownIdentity(identity);
  const outbounds = (): readonly OutboundFacts[] => joinOutbounds(dataplane.outbounds, reached);
  const outboundsKey = `${dataplane.outbounds.key} ${reached.key}`;
  const hasNames = takesVips(proxy, dataplane);
  const names = namesPart({
    ...{ mesh: proxy.mesh, outbounds, outboundsKey, dnsPort: envoyDnsPort(proxy, dataplane) },
    ipv6: dataplane.transparentProxy?.ipv6 === true,
  });
  const letsIn = meshIngressParts(view, proxy.mesh, dataplane.zoneIngresses);
  const isIngress = dataplane.zoneIngresses.length > 0;
  const side: ClientSide = { subject, ipv6Enabled, bindToPort, ...(shown && { shown }) };
  return {
    key: JSON.stringify([subjectText(subject), shown, ipv6Enabled, bindToPort, outboundsKey, hasNames && names.key, isIngress]),
    parts: () => [...outboundParts(outbounds(), side), ...(hasNames ? [{ part: names }] : []), ...letsIn],
    partsVary: isIngress,
  };
}

/** Every outbound of a sidecar, whether it lists it or is given it; none where it is not in the view. */
export function sidecarOutbounds(view: MeshView, proxy: ProxyDescription): readonly OutboundFacts[] {
  const dataplane = dataplaneOf(view, proxy);
  return dataplane ? joinOutbounds(dataplane.outbounds, reachedBy(view, proxy, dataplane)) : [];
}

function reachedBy(view: MeshView, proxy: ProxyDescription, dataplane: DataplaneFacts): OutboundList {
  return reachedOutbounds(view, dataplane, { mesh: proxy.mesh, takesVips: takesVips(proxy, dataplane) });
}

/** Whether connections to the addresses of services come to the proxy. */
function takesVips({ features }: ProxyDescription, { transparentProxy }: DataplaneFacts): boolean {
  return transparentProxy !== undefined || features.has(bindOutbounds);
}

function subjectText({ mesh, name, labels, tagSets, self }: ProxySubject): string {
  return JSON.stringify([mesh, name, sortedEntries(labels), tagSets.map(sortedEntries), self]);
}

interface ClientSide {
  readonly subject: ProxySubject;
  readonly ipv6Enabled: boolean;
  readonly bindToPort: boolean;
  readonly shown?: ShownIdentity;
}

/** A part's key does not tell where the outbound listens, so that proxies with other ports share it. */
function outboundParts(items: readonly OutboundFacts[], { bindToPort, ...side }: ClientSide): readonly PartUse[] {
  const routeConfigNames = uniqueRouteConfigNames(items);
  const { subject, shown, ipv6Enabled } = side;
  const client = subjectText(subject);
  return items.map((outbound): PartUse => {
    const { tags, service, backend } = outbound;
    const routeConfigName = routeConfigNames.get(outbound) ?? outboundRouteName(service);
    const part: Part = {
      key: JSON.stringify([client, shown, sortedEntries(tags), backend, routeConfigName, ipv6Enabled]),
      name: `outbound to ${backend ? JSON.stringify(backend) : tagsText(tags)} of mesh ${subject.mesh}, for proxies with ${subject.tagSets.map(tagsText).join(" and ")}`,
      generate: (context) =>
        outboundResources(context, { ...side, to: { tags, service, ...(backend && { backend }) }, routeConfigName }),
    };
    return { part, at: bindToPort ? outbound : { ...outbound, bindToPort } };
  });
}

/**
 * `outbound:<service>` as the peer names it; further outbounds to the same service, which may differ in tags, get their listener
 * into the name, since names of RDS resources are unique in a proxy.
 */
function uniqueRouteConfigNames(outbounds: readonly OutboundFacts[]): ReadonlyMap<OutboundFacts, string> {
  const names = new Map<OutboundFacts, string>();
  const taken = new Set<string>();
  for (const outbound of outbounds) {
    if (outbound.backend) continue;
    const name = outboundRouteName(outbound.service);
    names.set(outbound, taken.has(name) ? `${name}:${outbound.address}:${outbound.port}` : name);
    taken.add(name);
  }
  return names;
}
