import { request } from "node:http";
import type { ProxyAdminPort } from "@meridian/api";
import { errorMessage, MeridianError } from "@meridian/base";
import type { ZoneRequest } from "@meridian/kds";
import { isLoopback } from "@meridian/model";
import type { ZoneProxies } from "@meridian/zone";

const paths: Readonly<Record<ZoneRequest["type"], string>> = {
  config_dump: "/config_dump",
  stats: "/stats",
  clusters: "/clusters",
};
const timeoutMs = 10_000;

type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Admin = NonNullable<ReturnType<ZoneProxies["get"]>>["proxy"]["description"]["admin"];

/** Asks the Envoy of a connected proxy over its admin socket or loopback port: it reaches those that run on the zone's machine. */
export function proxyAdmin(proxies: Pick<ZoneProxies, "get">): ProxyAdminPort {
  return {
    request: async (_zone, wanted) => {
      const session = proxies.get(`${wanted.mesh}.${wanted.name}`);
      if (!session) throw new MeridianError("PROXY_OFFLINE", `proxy ${wanted.name} is not connected to this zone control plane`);
      const path = `${paths[wanted.type]}${wanted.query ? `?${wanted.query}` : ""}`;
      try {
        return await read(targetOf(session.proxy.description.admin), path);
      } catch (error) {
        throw new MeridianError(
          "PROXY_UNREACHABLE",
          `the Envoy admin API of proxy ${wanted.name} cannot be reached: ${errorMessage(error)}`,
          { cause: error },
        );
      }
    },
  };
}

/** The proxy itself says where: only on this machine is that its own Envoy, and nobody else's server. */
function targetOf({ socketPath, address, port }: Admin): Target {
  if (socketPath !== undefined) return { socketPath };
  if (port === 0) throw new Error("it has none");
  if (!isLoopback(address)) throw new Error(`it listens on ${address}, which is not this machine`);
  return { host: address, port };
}

function read(target: Target, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ ...target, path, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`it answers ${response.statusCode}: ${text.slice(0, 200)}`));
      });
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}
