import type { Cluster } from "@meridian/envoy";

/** Share of healthy hosts, in percent, below which health is ignored. */
export function setPanicThreshold(cluster: Cluster, percent: number | undefined): Cluster {
  return percent === undefined ? cluster : setCommonLb(cluster, { healthyPanicThreshold: { value: percent } });
}

/** In a panic, requests fail. Envoy has this for balancing by zones only: what weighs localities excludes it (CommonLbConfig). */
export function setFailTrafficOnPanic(cluster: Cluster, failTrafficOnPanic: boolean | undefined): Cluster {
  if (failTrafficOnPanic === undefined || commonLb(cluster)["localityWeightedLbConfig"] !== undefined) return cluster;
  const zoneAwareLbConfig = { ...(commonLb(cluster)["zoneAwareLbConfig"] as object | undefined), failTrafficOnPanic };
  return setCommonLb(cluster, { zoneAwareLbConfig });
}

function setCommonLb(cluster: Cluster, fields: object): Cluster {
  return { ...cluster, commonLbConfig: { ...commonLb(cluster), ...fields } };
}

function commonLb(cluster: Cluster): Readonly<Record<string, unknown>> {
  return (cluster["commonLbConfig"] ?? {}) as Readonly<Record<string, unknown>>;
}
