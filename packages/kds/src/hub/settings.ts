import type { HubOptions } from "../ports.ts";

/** The options with their defaults filled in. */
export interface HubSettings {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly window: number;
  readonly chunkSizeBytes: number;
  readonly statusIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly resyncBackoff: { readonly initialMs: number; readonly maxMs: number };
  readonly maxClockSkewMs: number;
  /** How long a connected control plane has to show life when another claims its name. */
  readonly probeTimeoutMs: number;
  readonly helloTimeoutMs: number;
}

export function hubSettings(options: HubOptions): HubSettings {
  const heartbeatTimeoutMs = options.heartbeatTimeoutMs ?? 15_000;
  return {
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 5000,
    heartbeatTimeoutMs,
    window: options.window ?? 16,
    chunkSizeBytes: options.chunkSizeBytes ?? 256 * 1024,
    statusIntervalMs: options.statusIntervalMs ?? 1000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    resyncBackoff: options.resyncBackoff ?? { initialMs: 1000, maxMs: 30_000 },
    maxClockSkewMs: options.maxClockSkewMs ?? 30_000,
    probeTimeoutMs: Math.min(2000, heartbeatTimeoutMs),
    helloTimeoutMs: 10_000,
  };
}

/** A zone that was away for more changes than this gets a snapshot: reading the log would not be cheaper. */
export const maxResumeRevisions = 20_000;
/** Steps of the log remembered per hub for convergence. */
export const maxRelevantSteps = 20_000;
/** How far back a hub that starts reads the log, to say how far behind the zones are that are away. */
export const maxBackfillRevisions = 5000;

export const globalIdMetaName = "kds.global-id";
/** Status kind in which a hub keeps what it knows of a zone, for other replicas and for its next start. */
export const zoneLinkKind = "ZoneLink";
/** Status kind of what a zone said of a policy; its "mesh" is the zone. */
export const zonePolicyKind = "ZonePolicy";
/** What a zone may send to this hub beyond the first version of the protocol. */
export const hubFeatures: readonly string[] = ["policy-status"];
