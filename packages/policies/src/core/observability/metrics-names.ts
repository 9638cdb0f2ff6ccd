import { dataPlaneSocket } from "@meridian/envoy";
import type { ProxySelf } from "../types.ts";

/** The listener and cluster that a Mesh's own `metrics` give a proxy; those of a MeshMetric replace them. */
export const meshMetricsListener = "kuma:metrics:prometheus";
export const meshMetricsCluster = "kuma:metrics:hijacker";

/** Where the program beside Envoy answers with the metrics of both. Undefined: it has no place for a socket. */
export function metricsSocket(mesh: string, { workdir, name }: ProxySelf): string | undefined {
  return workdir === undefined ? undefined : dataPlaneSocket(workdir, `kuma-mh-${name}-${mesh}`);
}
