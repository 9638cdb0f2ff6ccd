import { type Listener, typeUrls } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import type { OwnResource } from "../effects/hooks.ts";
import type { OutboundSubject } from "../types.ts";
import { type AccessLogConf, accessLoggers, addLoggers, logClusters } from "./loggers.ts";
import { ownAddressValues } from "./placeholders.ts";

/** Stands for everything outside of the mesh: no service has this name, so only policies for all destinations fit. */
const service = "pass_through";
const outbound: OutboundSubject = { service, tags: { [tagNames.service]: service }, protocol: "tcp" };
export const passthroughOutbound = { outbound, routes: [] } as const;

const listenerPrefix = "outbound:passthrough:";

/** Logs of connections to what is not in the mesh, at the listeners of the transparent proxy; none are added where it has none. */
export function addPassthroughLogs(
  resources: readonly OwnResource[],
  conf: AccessLogConf,
  place: { readonly mesh: string; readonly zone: string },
): readonly OwnResource[] {
  const isPassthrough = ({ typeUrl, json }: OwnResource) => typeUrl === typeUrls.listener && json.name.startsWith(listenerPrefix);
  if (conf.backends.length === 0 || !resources.some(isPassthrough)) return resources;
  const values = { ...place, destination: "external", direction: "UNSPECIFIED", ...ownAddressValues } as const;
  const logged = (listener: Listener): Listener => ({
    ...listener,
    filterChains: listener.filterChains.map((chain) => addLoggers(chain, (isHttp) => accessLoggers(conf, values, { isHttp }))),
  });
  return [
    ...resources.map((resource) =>
      isPassthrough(resource) ? { ...resource, json: logged(resource.json as unknown as Listener) } : resource,
    ),
    ...logClusters([conf]).map((json): OwnResource => ({ typeUrl: typeUrls.cluster, origin: "mesh-access-log", json })),
  ];
}
