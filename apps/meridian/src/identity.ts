import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { ApiInfo } from "@meridian/api";
import { version } from "./version.ts";

/** Who this process is; the instance id is new at every start, as the peer's is. */
export function processInfo(clusterId: string): ApiInfo {
  const host = hostname();
  return { product: "Meridian", version, hostname: host, instanceId: `${host}-${randomBytes(2).toString("hex")}`, clusterId };
}
