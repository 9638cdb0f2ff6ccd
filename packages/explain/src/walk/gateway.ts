import { typeUrls } from "@meridian/envoy";
import type { ResourceKey } from "@meridian/model";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { type Arrival, chooseChain, httpManager } from "../envoy/listeners.ts";
import { chooseVirtualHost } from "../envoy/route-match.ts";
import type { ExplainRequest } from "../types.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { routeConfigurationOf } from "./http-routing.ts";
import type { Outbound } from "./outbounds.ts";

/** The listeners of a builtin gateway: what clients outside of the mesh call, by `host`, `host:port` or `:port`. */
export function gatewayPorts(world: ZoneWorld, gateway: ResourceKey): readonly Outbound[] {
  return world
    .config(gateway)
    .list(typeUrls.listener)
    .flatMap((listener): readonly Outbound[] => {
      const { address, portValue } = Object(fieldAt(listener, "address", "socketAddress")) as Json;
      const port = Number(portValue);
      const name = `port ${port} of the gateway`;
      const at = { address: String(address), port, service: "", tags: {}, listener: String(listener["name"]) };
      return portValue === undefined ? [] : [{ ...at, name, names: [`:${port}`, `${String(address)}:${port}`] }];
    });
}

/** Those that take what goes to a host; all of HTTP whose routes know it, and of a given port any. */
export function portsFor(world: ZoneWorld, gateway: ResourceKey, ports: readonly Outbound[], to: string): readonly Outbound[] {
  const { host, port } = hostPort(to);
  const view = world.config(gateway);
  return ports.filter(
    (each) => each.names.includes(to) || ((port === undefined || port === each.port) && knowsHost(view, each, host)),
  );
}

/** `shop.example:8080` */
export function hostPort(to: string): { readonly host: string; readonly port?: number } {
  const [, host = to, port] = /^(.*):(\d{1,5})$/.exec(to) ?? [];
  return { host, ...(port !== undefined && { port: Number(port) }) };
}

function knowsHost(view: ProxyView, { listener: name = "" }: Outbound, host: string): boolean {
  const listener = view.json(typeUrls.listener, name);
  const chain = listener && chooseChain(listener, arrivalAtGateway(listener, host));
  const manager = chain && httpManager(chain);
  const { configuration } = manager ? routeConfigurationOf(view, manager) : {};
  return configuration !== undefined && chooseVirtualHost(listOf(configuration["virtualHosts"]), host) !== undefined;
}

/** How the application, or a client of a gateway, comes to a listener. */
export function arrivalAt(listener: Json, { listener: ofGateway }: Outbound, { to }: Pick<ExplainRequest, "to">): Arrival {
  return ofGateway === undefined ? {} : arrivalAtGateway(listener, hostPort(to).host);
}

/** With TLS where all that the listener takes is TLS: of a client of another mesh, where it is for those alone. */
function arrivalAtGateway(listener: Json, host: string): Arrival {
  const chains = listOf(listener["filterChains"]);
  const takesTls = chains.every(
    (chain) => chain["transportSocket"] !== undefined || fieldAt(chain, "filterChainMatch", "serverNames") !== undefined,
  );
  const alpn = chains.flatMap((chain) => (fieldAt(chain, "filterChainMatch", "applicationProtocols") ?? []) as string[]);
  return chains.length > 0 && takesTls ? { tls: { sni: host, alpn } } : {};
}
