import { randomUUID } from "node:crypto";
import type { TypeUrl } from "@meridian/envoy";
import type { Rejection, ResourceKey } from "@meridian/model";
import type { Identity } from "../identity/identity-issuer.ts";
import { type ProxyInsight, type Subscription, statusFields, type TypeStats } from "./insight.ts";

export type ResponseEvent = "sent" | "acknowledged" | "rejected";

type Counts = Record<ResponseEvent, number>;

export interface ProxyRecordOptions {
  /** Of the insight. */
  readonly key: ResourceKey;
  readonly instanceId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly now: string;
  /** Undefined: they are still to be read from the store. */
  readonly earlier: readonly Subscription[] | undefined;
}

/** What is known of one stream of a proxy, and of those before it. */
export class ProxyRecord {
  readonly key: ResourceKey;
  /** When the stream began. */
  readonly connectTime: string;
  earlier: readonly Subscription[] | undefined;
  rejection: Rejection | undefined;
  disconnectTime: string | undefined;
  readonly #id = randomUUID();
  readonly #instanceId: string;
  readonly #metadata: Readonly<Record<string, unknown>>;
  readonly #counts = new Map<string, Counts>([["total", noCounts()]]);
  #certificates = 0;
  #identity: Identity | undefined;

  constructor({ key, instanceId, metadata, now, earlier }: ProxyRecordOptions) {
    this.key = key;
    this.connectTime = now;
    this.earlier = earlier;
    this.#instanceId = instanceId;
    this.#metadata = metadata;
  }

  counted(event: ResponseEvent, typeUrl: TypeUrl): void {
    const field = statusFields[typeUrl];
    const counts = this.#counts.get(field) ?? noCounts();
    this.#counts.set(field, counts);
    counts[event] += 1;
    const total = this.#counts.get("total");
    if (total) total[event] += 1;
  }

  certified(identity: Identity): void {
    this.#identity = identity;
    this.#certificates += 1;
  }

  /** As of now. */
  insight(now: string): ProxyInsight {
    return {
      subscriptions: [...(this.earlier ?? []), this.#subscription(now)],
      ...(this.#identity && { mTLS: mtlsOf(this.#identity, this.#certificates) }),
      metadata: this.#metadata,
      ...(this.rejection && { rejection: this.rejection }),
    };
  }

  #subscription(now: string): Subscription {
    const stats = [...this.#counts].map(([field, counts]) => [field, statsOf(counts)] as const);
    return {
      id: this.#id,
      controlPlaneInstanceId: this.#instanceId,
      connectTime: this.connectTime,
      ...(this.disconnectTime !== undefined && { disconnectTime: this.disconnectTime }),
      status: { lastUpdateTime: now, ...Object.fromEntries(stats) },
      version: this.#metadata["version"] ?? {},
    };
  }
}

function mtlsOf(identity: Identity, certificates: number): NonNullable<ProxyInsight["mTLS"]> {
  return {
    certificateExpirationTime: new Date(identity.expiresAtMs).toISOString(),
    lastCertificateRegeneration: new Date(identity.issuedAtMs).toISOString(),
    certificateRegenerations: certificates,
    issuedBackend: identity.backend,
    supportedBackends: [identity.backend],
  };
}

function statsOf({ sent, acknowledged, rejected }: Counts): TypeStats {
  return {
    responsesSent: String(sent),
    responsesAcknowledged: String(acknowledged),
    responsesRejected: String(rejected),
  };
}

function noCounts(): Counts {
  return { sent: 0, acknowledged: 0, rejected: 0 };
}
