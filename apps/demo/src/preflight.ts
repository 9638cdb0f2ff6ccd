import { createServer } from "node:net";
import { globalPlane, ports, workloads, zones } from "./topology.ts";

interface Place {
  readonly host: string;
  readonly port: number;
  readonly what: string;
}

/** Every address that the demo listens on itself or through Envoy. */
function places(): readonly Place[] {
  return [
    { host: globalPlane.host, port: globalPlane.api, what: "REST API of the global control plane" },
    { host: globalPlane.host, port: globalPlane.kds, what: "websocket of the global control plane" },
    { host: globalPlane.host, port: globalPlane.diagnostics, what: "diagnostics of the global control plane" },
    ...zones.flatMap((zone) => [
      { host: zone.host, port: ports.zoneApi, what: `REST API of zone ${zone.name}` },
      { host: zone.host, port: ports.dataPlaneServer, what: `data plane server of zone ${zone.name}` },
      { host: zone.host, port: ports.zoneDiagnostics, what: `diagnostics of zone ${zone.name}` },
      { host: zone.ingressHost, port: ports.ingress, what: `zone ingress of ${zone.name}` },
    ]),
    ...workloads.flatMap((workload) => [
      { host: workload.host, port: ports.inbound, what: `sidecar of ${workload.name}` },
      { host: workload.host, port: ports.application, what: workload.name },
      { host: workload.host, port: ports.readiness, what: `readiness of ${workload.name}` },
    ]),
  ];
}

/** What stands in the way of a start, in words; empty when nothing does. */
export async function obstacles(): Promise<readonly string[]> {
  const results = await Promise.all(places().map(async (place) => ({ place, code: await tryPort(place) })));
  return results
    .filter((result) => result.code !== undefined)
    .map(({ place, code }) =>
      code === "EADDRINUSE"
        ? `${place.host}:${place.port} is in use (wanted for the ${place.what})`
        : `${place.host}:${place.port} cannot be listened on: ${code} (wanted for the ${place.what})`,
    );
}

function tryPort({ host, port }: Place): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}
