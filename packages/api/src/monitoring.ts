import { createHash } from "node:crypto";
import { type MonitoringAssignment, meshInventory, monitoringAssignments } from "@meridian/inspect";
import { canonicalJson, labelNames, type MeshSpec } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import { type FastifyInstance, fastify } from "fastify";

export interface MonitoringDeps {
  readonly store: ResourceReader;
  /** Only proxies of this zone: those of others are not to be reached. */
  readonly zone: string;
}

const typeUrl = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";
/** What says where metrics are, and who has them. */
const kinds = ["Dataplane", "MeshMetric", "MeshGateway", "MeshHTTPRoute"];

interface DiscoveryRequest {
  readonly versionInfo?: string;
  readonly version_info?: string;
  readonly node?: { readonly id?: string };
}

interface Assignments {
  readonly revision: number;
  readonly versionInfo: string;
  readonly assignments: readonly MonitoringAssignment[];
}

/**
 * Tells a Prometheus with `kuma_sd_configs` which proxies there are (reference: dataplane-protocol.md section 1, MADS): answers
 * discovery requests over HTTP, 304 to whoever knows it all already. Made anew only when something has changed.
 */
export function buildMonitoring({ store, zone }: MonitoringDeps): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 65_536 });
  const ofClients = new Map<string, Assignments>();
  // Prometheus keeps its id; whoever invents ids must not fill the memory.
  const maxClients = 100;
  // Two colons are one: it is part of the path.
  app.post<{ Body: DiscoveryRequest | null }>("/v3/discovery::monitoringassignments", async ({ body }, reply) => {
    const { node, versionInfo: held = body?.version_info } = body ?? {};
    const clientId = node?.id ?? "";
    const revision = await store.revision();
    const before = ofClients.get(clientId);
    const known = before?.revision === revision ? before : await read({ store, zone }, clientId, revision);
    if (!before && ofClients.size >= maxClients) ofClients.clear();
    ofClients.set(clientId, known);
    const { versionInfo, assignments } = known;
    if (held === versionInfo) return reply.code(304).send();
    const resources = assignments.map((assignment) => ({ "@type": typeUrl, ...assignment }));
    return reply.send({ versionInfo, resources, typeUrl, nonce: versionInfo });
  });
  return app;
}

async function read({ store, zone }: MonitoringDeps, clientId: string, revision: number): Promise<Assignments> {
  const meshes = await store.list<MeshSpec>("Mesh");
  const resources = (await Promise.all(kinds.map((kind) => store.list(kind)))).flat();
  const own = resources.filter(({ kind, labels }) => kind !== "Dataplane" || (labels[labelNames.zone] ?? zone) === zone);
  const assignments = meshes.flatMap((mesh) => monitoringAssignments(meshInventory(mesh, own), clientId));
  const versionInfo = createHash("sha256").update(canonicalJson(assignments)).digest("hex");
  return { revision, versionInfo, assignments };
}
