import { dataPlaneSocket, dynamicConfigListener, dynamicConfigName, type Listener, typeUrls } from "@meridian/envoy";
import { mapHttpManager } from "../effects/edit.ts";
import type { OwnResource } from "../effects/hooks.ts";

export interface SettingsPage {
  /** `/meshmetric` */
  readonly path: string;
  readonly body: string;
}

/** Serves settings to the program beside Envoy, next to what it is told already. */
export function addSettings(resources: readonly OwnResource[], workdir: string, page: SettingsPage): readonly OwnResource[] {
  const path = dataPlaneSocket(workdir, "kuma-mesh-metric-config");
  const listener = dynamicConfigListener({ path, bodies: { [page.path]: page.body } });
  const isSettings = ({ typeUrl, json }: OwnResource): boolean =>
    typeUrl === typeUrls.listener && json.name === dynamicConfigName;
  const before = resources.find(isSettings);
  const json = before ? joined(before.json as unknown as Listener, listener) : listener;
  return [
    ...resources.filter((resource) => !isSettings(resource)),
    { typeUrl: typeUrls.listener, origin: "dynamic-config", json },
  ];
}

interface Routes {
  readonly virtualHosts: readonly { readonly routes: readonly object[] }[];
  readonly maxDirectResponseBodySizeBytes: number;
}

/** One listener with the pages of both. */
function joined(before: Listener, added: Listener): Listener {
  const { virtualHosts: addedHosts, maxDirectResponseBodySizeBytes: addedBytes } = routesOf(added);
  const routes = addedHosts.flatMap((host) => host.routes);
  return {
    ...before,
    filterChains: before.filterChains.map((chain) =>
      mapHttpManager(chain, (manager) => {
        const config = manager["routeConfig"] as Routes;
        const virtualHosts = config.virtualHosts.map((host) => ({ ...host, routes: [...host.routes, ...routes] }));
        const maxDirectResponseBodySizeBytes = Math.max(config.maxDirectResponseBodySizeBytes, addedBytes);
        return { ...manager, routeConfig: { ...config, virtualHosts, maxDirectResponseBodySizeBytes } };
      }),
    ),
  };
}

function routesOf({ filterChains }: Listener): Routes {
  return filterChains[0]?.filters[0]?.typedConfig["routeConfig"] as Routes;
}
