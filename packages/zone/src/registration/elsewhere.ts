import type { ResourceKey } from "@meridian/model";
import type { StatusStore } from "@meridian/store";
import { openInstanceOf, type ProxyInsight } from "../insights/insight.ts";
import type { Replicas } from "./replicas.ts";

export interface ElsewhereOptions {
  readonly store: Pick<StatusStore, "getStatus">;
  readonly replicas: Pick<Replicas, "isAlive">;
  readonly instanceId: string;
}

/** Whether a proxy's insight names another replica that is alive: it lost its stream here and opened one there. */
export function isElsewhere({ store, replicas, instanceId }: ElsewhereOptions): (key: ResourceKey) => Promise<boolean> {
  return async ({ kind, mesh, name }) => {
    const insight = await store.getStatus<ProxyInsight>({ kind: `${kind}Insight`, mesh, name });
    const instance = openInstanceOf(insight?.value);
    return instance !== undefined && instance !== instanceId && replicas.isAlive(instance);
  };
}
