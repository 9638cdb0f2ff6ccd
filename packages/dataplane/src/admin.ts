import { parse } from "yaml";
import { askLocal, type LocalAddress, type LocalAnswer } from "./local-http.ts";

/** Where Envoy's admin API answers. */
export type AdminAddress = LocalAddress;

const timeoutMs = 3_000;

/** The admin address that a bootstrap gives to Envoy; undefined when it has none. */
export function adminAddressOf(bootstrapYaml: string): AdminAddress | undefined {
  const bootstrap = parse(bootstrapYaml) as BootstrapShape | null;
  const address = bootstrap?.admin?.address;
  const path = address?.pipe?.path;
  if (path) return { socketPath: path };
  const socket = address?.socketAddress ?? address?.socket_address;
  const port = socket?.portValue ?? socket?.port_value;
  return socket?.address && port ? { host: socket.address, port } : undefined;
}

/** Both spellings of proto3 JSON. */
interface BootstrapShape {
  readonly admin?: {
    readonly address?: {
      readonly pipe?: { readonly path?: string };
      readonly socketAddress?: SocketShape;
      readonly socket_address?: SocketShape;
    };
  };
}

interface SocketShape {
  readonly address?: string;
  readonly portValue?: number;
  readonly port_value?: number;
}

/** Asks Envoy's admin API. @throws Error when Envoy does not answer. */
export function askAdmin(address: AdminAddress, path: string, method: "GET" | "POST" = "GET"): Promise<LocalAnswer> {
  return askLocal(address, path, { method, timeoutMs });
}

/** Connections that Envoy's listeners hold open now, the admin's own not counted. */
export async function activeConnections(address: AdminAddress): Promise<number> {
  const path = `/stats?format=json&filter=${encodeURIComponent("^listener\\..*downstream_cx_active$")}`;
  const { stats } = JSON.parse((await askAdmin(address, path)).body) as { readonly stats: readonly StatShape[] };
  let active = 0;
  for (const { name = "", value = 0 } of stats) {
    if (!name.startsWith("listener.admin.") && !name.includes(".worker_")) active += value;
  }
  return active;
}

interface StatShape {
  readonly name?: string;
  readonly value?: number;
}
