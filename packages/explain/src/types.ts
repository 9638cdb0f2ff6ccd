import type { Revision, Tags } from "@meridian/model";

/** Which request to explain. */
export interface ExplainRequest {
  readonly mesh: string;
  /** `kuma.io/service` of the client, or the name of its Dataplane. */
  readonly from: string;
  /**
   * Of the outbound: `kuma.io/service`, host name, address, or name or KRI of a real service; with `:port` where there are several.
   * Of a builtin gateway: the host that its client asks for.
   */
  readonly to: string;
  readonly path: string;
  readonly method: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the client; absent: any. */
  readonly zone?: string;
}

/**
 * Why a request, or a part of all requests like it, does not arrive. `unseen`: it leaves for a zone, or a mesh,
 * of which nothing is known here. The rest is in the words of the verdict.
 */
export type Obstacle =
  | "no-client"
  | "zone-disabled"
  | "no-outbound"
  | "no-listener"
  | "cut"
  | "no-route"
  | "no-cluster"
  | "no-endpoints"
  | "no-ingress"
  | "no-inbound"
  | "tls-mismatch"
  | "denied"
  | "unseen"
  | "undecided";

export interface Verdict {
  /**
   * `reaches`: every request. `partly`: some. `blocked`: none. `answered`: by the client's own proxy (a redirect). `unknown`: it depends
   * on what this control plane does not know.
   */
  readonly outcome: "reaches" | "partly" | "blocked" | "answered" | "unknown";
  readonly text: string;
  /** Of all requests like this one, those that arrive, in [0, 1]. */
  readonly share: number;
  /** Unless all arrive. */
  readonly reason?: Obstacle;
  /** `keyText` of the policies that decide it; sorted. */
  readonly policies: readonly string[];
  /** What the client's proxy answers to a request that does not arrive; absent: it closes the connection, or nothing is known. */
  readonly status?: number;
}

/** One stretch of the way, in words. */
export interface Step {
  readonly step: "client" | "outbound" | "route" | "endpoints" | "identity" | "permission" | "settings";
  readonly title: string;
  /** Absent: neither good nor bad, or not known. */
  readonly ok?: boolean;
  readonly lines: readonly string[];
  readonly policies: readonly string[];
}

export interface ExplainedClient {
  readonly zone: string;
  /** Name of the Dataplane in its zone. */
  readonly dataplane: string;
  readonly services: readonly string[];
  /** URI names of its certificate; empty without mTLS. */
  readonly identity: readonly string[];
  /** Other data planes that the same question could be about, by zone. */
  readonly others: Readonly<Record<string, number>>;
}

export interface ExplainedOutbound {
  readonly address: string;
  readonly port: number;
  /** How people call what it leads to. */
  readonly name: string;
  /** Empty where it leads to a real service. */
  readonly tags: Tags;
  /** What DNS calls its address. */
  readonly hosts: readonly string[];
  /** `address:port` of further outbounds that fit the question. */
  readonly also: readonly string[];
  /** What the listener understands of the traffic. */
  readonly treats: "http" | "tcp" | "nothing";
}

export interface ExplainedRoute {
  /** In words; "" for one that takes everything. */
  readonly match: string;
  /** Place among the routes of the outbound, from 1; how many there are. */
  readonly place: number;
  readonly of: number;
  readonly policies: readonly string[];
  /** The Envoy route as it is. */
  readonly envoy: Readonly<Record<string, unknown>>;
}

export interface ExplainedEndpoint {
  readonly address: string;
  readonly port: number;
  readonly zone: string;
  readonly priority: number;
  readonly weight: number;
  /** Of the requests to its destination, in [0, 1]; 0: it waits until those before it fail. */
  readonly share: number;
  /** Who is there, as far as that is known. */
  readonly via: "dataplane" | "ingress" | "egress" | "external" | "address";
  readonly name?: string;
  /** Why it gets that share. */
  readonly why: string;
}

/** An instance of the service that gets nothing, and why. */
export interface LeftOut {
  readonly zone: string;
  readonly name: string;
  readonly reason: string;
}

export interface ExplainedServer {
  /** "": none, since it is outside of the mesh. */
  readonly zone: string;
  /** Outside of the mesh: name of the ExternalService, or the address. */
  readonly dataplane: string;
  /** Name or port of the inbound. */
  readonly inbound: string;
  /** Zone proxies on the way, in order. */
  readonly through: readonly string[];
  /** Of the requests to its destination, in [0, 1]. */
  readonly share: number;
  readonly obstacle?: Obstacle;
  /** What the obstacle is, in words. */
  readonly why?: string;
  readonly permission: Permission;
}

export interface Permission {
  /** `open`: nobody asks who calls (no mTLS). */
  readonly decision: "allowed" | "denied" | "open" | "unknown";
  /** The rule that decided, as Envoy knows it; absent: none fits. */
  readonly rule?: string;
  /** Who decided. */
  readonly policies: readonly string[];
  /** False: the policies speak of others, and who is not spoken of may not come in. */
  readonly isExplicit?: boolean;
  /** Who enforces it: `http` answers 403, `network` closes the connection; `client` is not sent to servers that it may not reach. */
  readonly place?: "http" | "network" | "client";
  /** It passes, and is counted as if it were denied. */
  readonly shadowDenied?: boolean;
}

export interface ExplainedDestination {
  /** How people call it. */
  readonly name: string;
  /** Of Envoy. */
  readonly cluster: string;
  readonly tags: Tags;
  /** Of all requests like this one, in [0, 1]. */
  readonly share: number;
  readonly sni?: string;
  readonly endpoints: readonly ExplainedEndpoint[];
  /** Who arranges the endpoints, beside where they are. */
  readonly arrangedBy: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly servers: readonly ExplainedServer[];
  /** Before any server. */
  readonly obstacle?: Obstacle;
  readonly why?: string;
}

/** A value in force on the way. */
export interface Setting {
  /** `timeouts`, `retries`, `circuit breakers` … */
  readonly about: string;
  /** Which part of the config it stands in. */
  readonly where: string;
  readonly name: string;
  readonly value: string;
  /** `policy`: without `policies` it would be another. `default`: of Meridian. `envoy`: not set, so Envoy's own default holds. */
  readonly origin: "policy" | "default" | "envoy";
  /** `keyText`. */
  readonly policies: readonly string[];
}

export interface Explanation {
  readonly revision: Revision;
  readonly request: ExplainRequest;
  readonly verdict: Verdict;
  /** The way in words, as far as it goes. */
  readonly steps: readonly Step[];
  readonly client?: ExplainedClient;
  readonly outbound?: ExplainedOutbound;
  readonly route?: ExplainedRoute;
  readonly destinations: readonly ExplainedDestination[];
  /** On the way to the destination with the largest share. */
  readonly settings: readonly Setting[];
}
