import { inboundListenerName, typeUrls } from "@meridian/envoy";
import { canonicalJson, type Tags } from "@meridian/model";
import { type Arrival, arrivalOf, chooseChain } from "../envoy/listeners.ts";
import { tlsMismatch } from "../envoy/tls.ts";
import { policiesText } from "../told/words.ts";
import type { ExplainedServer, Permission } from "../types.ts";
import type { Hop, Passage } from "./hop.ts";
import { openPermission, type PolicySide, permissionOf, permissionPlan, policySide } from "./permission.ts";
import type { Server } from "./servers.ts";

/** How a connection comes to servers. */
export interface Connection {
  readonly mesh: string;
  /** Of the client. */
  readonly cluster: Hop["cluster"];
  /** URI names of its certificate. */
  readonly uris: readonly string[];
  readonly tagSets: readonly Tags[];
}

/** What one end makes of a connection. */
export type Judged = Pick<ExplainedServer, "permission" | "obstacle" | "why">;

/** Above so many servers of one destination, one stands for all with equal permissions. */
const judgedOneByOne = 20;

/** What servers make of a connection. Their configs are generated one by one where there are few. */
export class ServerJudge {
  readonly #connection: Connection;
  readonly #arrival: Arrival;
  readonly #known = new Map<string, Judged>();
  #count = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#arrival = arrivalOf(connection.cluster);
  }

  judge(server: Server): Judged {
    const isOneOfMany = this.#count++ >= judgedOneByOne;
    const key = isOneOfMany ? this.#permissionKey(server) : server.resource.name;
    const judged = this.#known.get(key) ?? this.#judgeInbound(server);
    this.#known.set(key, judged);
    return judged;
  }

  /** An egress where TLS of the mesh ends; undefined: it passes bytes on. */
  judgeEgress({ proxy, hop, chain }: Passage, side: PolicySide): Judged | undefined {
    if (chain["transportSocket"] === undefined) return undefined;
    return this.#judgeChain(chain, hop.world.identityOf(proxy, this.#connection.mesh), { side, name: "what is outside" });
  }

  #judgeInbound(server: Server): Judged {
    const { world, resource, inbound } = server;
    const { mesh, tagSets } = this.#connection;
    const listener = world.config(resource).json(typeUrls.listener, inboundListenerName(inbound.address, inbound.port));
    if (!listener) return mismatch("no-inbound", "its proxy gets no listener for the inbound: a policy removes it");
    const chain = chooseChain(listener, this.#arrival);
    const speaks = this.#arrival.tls ? "the client's TLS" : "the plaintext that the client speaks";
    if (!chain) return mismatch("tls-mismatch", `its listener does not take ${speaks}`);
    const serverUris = world.identityOf(resource, mesh);
    return this.#judgeChain(chain, serverUris, { side: policySide(server, mesh, tagSets), name: inbound.service });
  }

  #judgeChain(chain: Hop["cluster"], serverUris: readonly string[], { side, name }: { side: PolicySide; name: string }): Judged {
    const { cluster, uris } = this.#connection;
    const why = tlsMismatch({ cluster, chain, clientUris: uris, serverUris });
    if (why !== undefined) return mismatch("tls-mismatch", why);
    const client = { uris, ...(this.#arrival.tls && { sni: this.#arrival.tls.sni }) };
    const judged = withObstacle(permissionOf(chain, client, side), name);
    return judged.obstacle === "denied" && side.closedBy ? { ...judged, why: side.closedBy } : judged;
  }

  #permissionKey(server: Server): string {
    const { world, inbound } = server;
    return canonicalJson([world.zone, inbound.protocol, inbound.tags, permissionPlan(server, this.#connection.mesh) ?? null]);
  }
}

function mismatch(obstacle: "no-inbound" | "tls-mismatch", why: string): Judged {
  return { permission: openPermission, obstacle, why };
}

export function withObstacle(permission: Permission, name: string): Judged {
  const { decision, policies, isExplicit } = permission;
  if (decision === "unknown") return { permission, obstacle: "undecided", why: "its permission depends on more than who calls" };
  if (decision !== "denied") return { permission };
  return { permission, obstacle: "denied", why: deniedText(policies, isExplicit === true, name) };
}

function deniedText(policies: readonly string[], isExplicit: boolean, name: string): string {
  if (policies.length === 0) return `no permission of ${name} lets anybody in`;
  return isExplicit ? `denied by ${policiesText(policies)}` : `${policiesText(policies)} lets others in, but not this client`;
}
