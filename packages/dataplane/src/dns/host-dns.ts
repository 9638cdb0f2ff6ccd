import { errorMessage } from "@meridian/base";
import { DataplaneInputError } from "../errors.ts";
import type { DnsOptions, RunDataplaneOptions } from "../options.ts";
import type { ProxyResource } from "../resource-file.ts";
import { DnsRelay } from "./dns-relay.ts";
import { readNameServers } from "./name-servers.ts";

/** Where a workload's queries are redirected to, and where Envoy answers, as with the peer (dataplane-protocol.md section 10). */
const usualDns: DnsOptions = { host: "127.0.0.1", port: 15_053, envoyPort: 15_054 };

export interface HostDns {
  /** Where Envoy is to answer; 0: nowhere. */
  readonly envoyPort: number;
  stop(): Promise<void>;
}

const none: HostDns = { envoyPort: 0, stop: async () => {} };

/**
 * Answers DNS beside a sidecar whose workload's connections are redirected, since its queries are too, and wherever it is asked for.
 * @throws DataplaneInputError when it was asked for and its port is taken. Where it was not, the proxy goes without.
 */
export async function startHostDns(options: RunDataplaneOptions, proxy: ProxyResource): Promise<HostDns> {
  if (options.proxyType !== "dataplane" || options.dns === "off") return none;
  const wanted = options.dns ?? (proxy.isTransparent ? usualDns : undefined);
  if (!wanted) return none;
  const { logger, resolvConf = "/etc/resolv.conf" } = options;
  const relay = new DnsRelay({ ...wanted, nameServers: () => readNameServers(resolvConf), logger });
  try {
    await relay.start();
  } catch (error) {
    const message = `DNS cannot be answered at ${wanted.host}:${wanted.port}: ${errorMessage(error)}`;
    if (options.dns) throw new DataplaneInputError(message);
    logger.warn(`${message}; names of the mesh are not resolved here`);
    return none;
  }
  return { envoyPort: wanted.envoyPort, stop: () => relay.stop() };
}
