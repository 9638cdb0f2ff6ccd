import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { egressHandoverLabel } from "../view/mesh-facts.ts";
import { mesh } from "./resources.ts";

const backends = {
  logging: {
    backends: [
      { name: "f", type: "file", conf: { path: "/tmp/f.log" } },
      { name: "t", type: "tcp", conf: { address: "logs:5000" } },
    ],
  },
  metrics: {
    enabledBackend: "p",
    backends: [{ name: "p", type: "prometheus", conf: { aggregate: [{ name: "app", port: 8000 }] } }],
  },
  tracing: {
    backends: [
      { name: "z", type: "zipkin", conf: { url: "http://zipkin:9411/api/v2/spans" } },
      { name: "d", type: "datadog", conf: { address: "agent", port: 8126, splitService: true } },
    ],
  },
};
const leaving = { routing: { zoneEgress: true, defaultForbidMeshExternalServiceAccess: true } };
export const anyMesh = fc
  .tuple(
    fc.constantFrom("default", "default", "other"),
    fc.constantFrom("off", "STRICT", "PERMISSIVE"),
    fc.boolean(),
    fc.constantFrom<object>({}, backends, leaving, { routing: { ...leaving.routing, localityAwareLoadBalancing: true } }),
    fc.constantFrom({}, {}, { [egressHandoverLabel]: "true" }),
  )
  .map(([name, mode, local, settings, labels]) => withSettings({ ...mesh(name, mode as "STRICT", local), labels }, settings));

function withSettings(resource: Resource, settings: object): Resource {
  return { ...resource, spec: { ...(resource.spec as object), ...settings } };
}
