import { compareText, type DataplaneSpec, type Resource } from "@meridian/model";
import type { MeshInventory } from "./inventory.ts";
import { kriOf } from "./meta.ts";
import { proxyReader } from "./proxy.ts";

/**
 * `GET /meshes/{mesh}/dataplanes/{name}/_layout`: the listeners of a proxy and the names of its Envoy resources (reference: rest-api.md
 * section 4). Outbounds to real resources only, sorted by KRI.
 */
export function dataplaneLayout(inventory: MeshInventory, dataplane: Resource<DataplaneSpec>): object {
  const { inbounds, outbounds } = proxyReader(inventory)(dataplane);
  const { listeners = [] } = dataplane.spec.networking;
  return {
    kri: kriOf(dataplane),
    labels: dataplane.labels,
    inbounds: inbounds.map(({ section, port, protocol }) => ({
      kri: kriOf(dataplane, section),
      port,
      protocol,
      proxyResourceName: `self_inbound_${section}`,
    })),
    listeners: listeners
      .filter(({ state }) => state !== "Ignored")
      .map(({ type, port, name }) => {
        const section = name || String(port);
        return {
          kri: kriOf(dataplane, section),
          type,
          port,
          proxyResourceName: `self_${type.toLowerCase()}_dp_${section}`,
        };
      }),
    outbounds: outbounds
      .flatMap(({ service, listenerPort }) =>
        service ? [{ kri: service.kri, port: listenerPort, protocol: service.protocol, proxyResourceName: service.kri }] : [],
      )
      .sort((a, b) => compareText(a.kri, b.kri)),
  };
}
