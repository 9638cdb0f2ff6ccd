import fc from "fast-check";
import { anySelector, anyTargetRef } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

const logFile = (format: string) => ({
  type: "File",
  file: { path: "/tmp/a.log", format: { type: "Plain", plain: format } },
});
const collector = { backendRef: { kind: "MeshOpenTelemetryBackend", name: "o0" } };
export const anyMeshAccessLog = fc
  .record({
    name: fc.constantFrom("g0", "g1"),
    targetRef: anyTargetRef,
    to: fc.constantFrom<object>({ kind: "Mesh" }, { kind: "MeshService", name: "a" }, { kind: "MeshHTTPRoute", name: "h0" }),
    backends: fc.subarray<object>([
      logFile("%KUMA_MESH%"),
      logFile("%KUMA_SOURCE_SERVICE% %KUMA_WORKLOAD%"),
      { type: "OpenTelemetry", openTelemetry: collector },
      { type: "Tcp", tcp: { address: "logs:5000" } },
    ]),
    isInbound: fc.boolean(),
  })
  .map(({ name, targetRef, to, backends, isInbound }) => {
    const lists = isInbound ? { rules: [{ default: { backends } }] } : { to: [{ targetRef: to, default: { backends } }] };
    return resource("MeshAccessLog", "default", name, { targetRef, ...lists });
  });
export const anyOpenTelemetryBackend = fc
  .constantFrom("collector-1", "collector-2")
  .map((address) => resource("MeshOpenTelemetryBackend", "default", "o0", { endpoint: { address } }));
export const anyTrafficLog = fc
  .record({
    name: fc.constantFrom("t0", "t1"),
    source: anySelector,
    destination: anySelector,
    backend: fc.constantFrom("f", "t", "x"),
  })
  .map(({ name, source, destination, backend }) =>
    resource("TrafficLog", "default", name, { sources: [source], destinations: [destination], conf: { backend } }),
  );

export const anyMeshTrace = fc
  .record({
    name: fc.constantFrom("j0", "j1"),
    targetRef: anyTargetRef,
    backends: fc.subarray<object>(
      [
        { type: "Zipkin", zipkin: { url: "http://zipkin:9411/api/v2/spans" } },
        { type: "Datadog", datadog: { url: "http://agent:8126" } },
        { type: "OpenTelemetry", openTelemetry: collector },
      ],
      { maxLength: 1 },
    ),
  })
  .map(({ name, targetRef, backends }) => resource("MeshTrace", "default", name, { targetRef, default: { backends } }));
export const anyMeshMetric = fc
  .record({
    name: fc.constantFrom("n0", "n1"),
    targetRef: anyTargetRef,
    backends: fc.subarray<object>([
      { type: "Prometheus", prometheus: { port: 8080 } },
      { type: "Prometheus", prometheus: { clientId: "mtls", port: 5671, tls: { mode: "ActiveMTLSBackend" } } },
      { type: "OpenTelemetry", openTelemetry: collector },
    ]),
  })
  .map(({ name, targetRef, backends }) => resource("MeshMetric", "default", name, { targetRef, default: { backends } }));
export const anyTrafficTrace = fc
  .record({ name: fc.constantFrom("k0", "k1"), selector: anySelector, backend: fc.constantFrom("z", "d", "x") })
  .map(({ name, selector: only, backend }) =>
    resource("TrafficTrace", "default", name, { selectors: [only], conf: { backend } }),
  );
