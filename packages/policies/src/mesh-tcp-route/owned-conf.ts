import { keyText, type Resource } from "@meridian/model";
import { placedRef } from "../core/placed-ref.ts";
import type { MeshTcpRouteSpec } from "./schema.ts";

type TcpRule = NonNullable<MeshTcpRouteSpec["to"]>[number]["rules"][number];

/** What one policy says, with its backends as that policy means them. */
export interface OwnedConf {
  readonly conf: TcpRule["default"];
  readonly policy: string;
}

export function ownedConf({ default: { backendRefs } }: TcpRule, policy: Resource): OwnedConf {
  const conf = backendRefs ? { backendRefs: backendRefs.map((ref) => placedRef(ref, policy)) } : {};
  return { conf, policy: keyText(policy) };
}
