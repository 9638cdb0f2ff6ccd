import type { ProxySubject } from "@meridian/policies";
import type { GenerationContext, PartUse, Profile } from "../parts.ts";
import { proxyIdentity, shownIdentity } from "../sidecar/proxy-identity.ts";
import { narrowSubject, subjectOf } from "../sidecar/subject.ts";
import type { ProxyDescription } from "../types.ts";
import { sortedEntries, tagsText } from "../view/tags.ts";
import { gatewayOf } from "./gateway-of.ts";
import { portResources } from "./port-resources.ts";
import { portsOf } from "./ports.ts";

/** The listeners of a builtin gateway and what is behind them. Proxies with equal tags share all but the address. */
export function gatewayProfile(context: GenerationContext, proxy: ProxyDescription): Profile | undefined {
  const { view } = context;
  const dataplane = view.dataplane(proxy.mesh, proxy.name);
  const tags = dataplane?.builtinGateway;
  if (!view.mesh(proxy.mesh) || !tags) return undefined;
  const gateway = gatewayOf(view, proxy.mesh, tags);
  const ports = gateway ? portsOf(gateway, tags).map(({ port }) => port) : [];
  const subject = clientOf(context, subjectOf(view, proxy, dataplane));
  const ipv6Enabled = proxy.ipv6Enabled !== false;
  const identity = proxyIdentity(view, proxy.mesh, dataplane.labels);
  const shown = identity && shownIdentity(identity);
  const { mesh, labels, self } = subject;
  const shared = JSON.stringify([mesh, sortedEntries(labels), sortedEntries(tags), self, shown, ipv6Enabled]);
  const { address } = dataplane;
  return {
    key: JSON.stringify(["gateway", shared, address, ports]),
    parts: () =>
      ports.map(
        (port): PartUse => ({
          part: {
            key: JSON.stringify(["gateway", shared, port]),
            name: `port ${port} of gateways of mesh ${proxy.mesh} with ${tagsText(tags)}`,
            generate: (each) => portResources(each, { proxy: subject, tags, port, ipv6Enabled, ...(shown && { shown }) }),
          },
          at: { address, port, service: "", tags: {} },
        }),
      ),
    partsVary: false,
  };
}

/** All of its tags, which listeners build upon; its name, which selects no gateway, only where something else reads it. */
function clientOf({ view, sharesProfiles }: GenerationContext, whole: ProxySubject): ProxySubject {
  if (!sharesProfiles) return whole;
  const { labels, self } = narrowSubject(view, whole);
  const { self: _, ...subject } = whole;
  return { ...subject, name: "", labels, ...(self && { self }) };
}
