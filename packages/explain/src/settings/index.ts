import { typeUrls } from "@meridian/envoy";
import type { DataplaneSpec, Resource } from "@meridian/model";
import { arrivalOf } from "../envoy/listeners.ts";
import type { ExplainRequest, Setting } from "../types.ts";
import { type Client, configOfClient } from "../walk/client.ts";
import type { Outbound } from "../walk/outbounds.ts";
import type { Server } from "../walk/servers.ts";
import { settingsOf } from "./attribute.ts";
import { clientStretch, requestSent, serverStretch } from "./waypoints.ts";

export interface SettingsOptions {
  readonly client: Client;
  readonly outbound: Outbound;
  /** Of Envoy. */
  readonly cluster: string;
  /** Absent: nobody that is known here gets the request. */
  readonly server?: Server;
  readonly request: ExplainRequest;
}

/** Timeouts, retries, limits … in force from the client's application to the server's. */
export function settingsOnTheWay({ client, outbound, cluster, server, request }: SettingsOptions): readonly Setting[] {
  const { world, placed } = client;
  const view = configOfClient(client);
  const atClient = settingsOf(clientStretch(view, { outbound, cluster, request }), {
    world,
    as: withOutbounds(placed.resource, outbound),
    stretch: (other) => clientStretch(other, { outbound, cluster, request }),
  });
  if (!server) return atClient;
  const arrival = arrivalOf(view.json(typeUrls.cluster, cluster) ?? {});
  const incoming = {
    ...{ inbound: server.inbound, arrival, client: { uris: view.identity(placed.resource.mesh) } },
    request: requestSent(view, outbound, request),
  };
  const atServer = settingsOf(serverStretch(server.world.config(server.resource), incoming), {
    world: server.world,
    as: withOutbounds(server.resource, undefined),
    stretch: (other) => serverStretch(other, incoming),
  });
  return [...atClient, ...atServer];
}

/** The Dataplane with at most one of its outbounds: a proxy with hundreds need not be generated whole for each policy. */
function withOutbounds(resource: Resource<DataplaneSpec>, kept: Outbound | undefined): Resource<DataplaneSpec> {
  const { networking } = resource.spec;
  const outbound = (networking.outbound ?? []).filter(
    ({ address = "127.0.0.1", port }) => kept && port === kept.port && (address || "127.0.0.1") === kept.address,
  );
  // An outbound that the resource does not name comes from elsewhere: then all of them stay.
  if (kept && outbound.length === 0) return resource;
  return { ...resource, spec: { ...resource.spec, networking: { ...networking, outbound } } };
}
