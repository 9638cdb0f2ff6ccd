import type { KindDefinition } from "../../kind.ts";
import { withPrometheusDefaults } from "./metrics.ts";
import { type MeshSpec, meshSchema } from "./schema.ts";
import { validateMesh } from "./validate.ts";

export const meshKind: KindDefinition<MeshSpec> = {
  kind: "Mesh",
  path: "meshes",
  shortName: "m",
  singularDisplayName: "Mesh",
  pluralDisplayName: "Meshes",
  scope: "global",
  style: "legacy",
  category: "core",
  sync: { globalToZone: true, keepsName: true },
  includeInFederation: true,
  schema: meshSchema,
  example: `type: Mesh
name: prod
mtls:
  enabledBackend: ca-1
  backends:
    - name: ca-1
      type: builtin
      mode: PERMISSIVE
      dpCert:
        rotation:
          expiration: 12h
      conf:
        caCert:
          RSAbits: 4096
          expiration: 5y
networking:
  outbound:
    passthrough: false
routing:
  localityAwareLoadBalancing: true
constraints:
  dataplaneProxy:
    requirements:
      - tags:
          team: "*"
meshServices:
  mode: Everywhere
`,
  validate: validateMesh,
  normalise: normaliseMesh,
};

/** Only metrics get their defaults written, as at the peer: other absent fields are read as their default. */
function normaliseMesh(spec: MeshSpec): MeshSpec {
  if (!spec.metrics?.backends) return spec;
  const backends = spec.metrics.backends.map((backend) => ({ ...backend, conf: withPrometheusDefaults(backend.conf) }));
  return { ...spec, metrics: { ...spec.metrics, backends } };
}
