import type { DataplaneSpec } from "../dataplane/schema.ts";
import { withPrometheusDefaults } from "./metrics.ts";
import type { MeshSpec, PrometheusConf } from "./schema.ts";

/**
 * The Prometheus settings of one proxy: those of the mesh's enabled backend, with what its Dataplane says instead, field by field;
 * applications are told apart by name (reference: resources-legacy.md section 17). Undefined: the mesh serves no metrics.
 */
export function effectivePrometheus(mesh: MeshSpec, metrics: DataplaneSpec["metrics"]): PrometheusConf | undefined {
  const enabled = mesh.metrics?.enabledBackend;
  const backend = enabled ? mesh.metrics?.backends?.find(({ name }) => name === enabled) : undefined;
  if (!backend) return undefined;
  const conf = withPrometheusDefaults(backend.conf);
  const own = metrics?.conf ?? {};
  const applications = new Map([...(conf.aggregate ?? []), ...(own.aggregate ?? [])].map((each) => [each.name ?? "", each]));
  return {
    ...conf,
    ...own,
    ...(conf.envoy && { envoy: { ...conf.envoy, ...own.envoy } }),
    aggregate: [...applications.values()].filter(({ enabled: isOn }) => isOn !== false),
  };
}
