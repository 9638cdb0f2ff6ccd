import { randomUUID } from "node:crypto";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";

interface Counters<Count = number> {
  responsesSent: Count;
  responsesAcknowledged: Count;
  responsesRejected: Count;
}

interface SubscriptionStatus<Count> {
  lastUpdateTime: string;
  readonly total: Counters<Count>;
  readonly stat: Record<string, Counters<Count>>;
}

interface StreamStatus {
  readonly globalInstanceId: string;
  readonly connectTime: string;
}

interface Subscription<Count = string> {
  readonly id: string;
  readonly globalInstanceId: string;
  readonly zoneInstanceId: string;
  readonly connectTime: string;
  disconnectTime?: string;
  readonly generation: number;
  readonly config: string;
  readonly authTokenProvided: boolean;
  readonly status: SubscriptionStatus<Count>;
  readonly version: { readonly kumaCp: Readonly<Record<string, string | boolean>> };
}

/** Value of a ZoneInsight, in the peer's shape (reference: multizone.md section 10). */
export interface ZoneInsight {
  readonly subscriptions: readonly Subscription[];
  readonly kdsStreams?: { readonly globalToZone: StreamStatus; readonly zoneToGlobal: StreamStatus };
  readonly healthCheck?: { readonly time: string };
}

export interface ZoneInsightOptions {
  readonly hello: FrameOf<ZoneFrame, "hello">;
  readonly hub: string;
  readonly connectedAt: string;
  readonly authTokenProvided: boolean;
  /** What the store holds from earlier connections. */
  readonly earlier: ZoneInsight | undefined;
}

const keptSubscriptions = 10;

/** The insight of one connected zone, as it grows. */
export class ZoneInsightLog {
  readonly #before: readonly Subscription[];
  readonly #subscription: Subscription<number>;

  constructor({ hello, hub, connectedAt, authTokenProvided, earlier }: ZoneInsightOptions) {
    const before = earlier?.subscriptions ?? [];
    // A replica that was killed could not write when its zones left.
    this.#before = before
      .slice(-(keptSubscriptions - 1))
      .map((subscription) => ({ ...subscription, disconnectTime: subscription.disconnectTime ?? connectedAt }));
    this.#subscription = {
      id: randomUUID(),
      globalInstanceId: hub,
      zoneInstanceId: hello.instanceId,
      connectTime: connectedAt,
      generation: (before.at(-1)?.generation ?? 0) + 1,
      config: hello.config,
      authTokenProvided,
      status: { lastUpdateTime: connectedAt, total: newCounters(), stat: {} },
      version: {
        kumaCp: { version: hello.version, gitTag: "", gitCommit: "", buildDate: "", kumaCpGlobalCompatible: true },
      },
    };
  }

  count(event: keyof Counters, kinds: readonly string[], time: string): void {
    const { status } = this.#subscription;
    status.lastUpdateTime = time;
    for (const kind of kinds) {
      status.stat[kind] ??= newCounters();
      (status.stat[kind] as Counters)[event] += 1;
      status.total[event] += 1;
    }
  }

  disconnected(time: string): void {
    this.#subscription.disconnectTime ??= time;
  }

  value(lastHeard: string): ZoneInsight {
    const { globalInstanceId, connectTime } = this.#subscription;
    const stream = { globalInstanceId, connectTime };
    return {
      subscriptions: [...this.#before, { ...this.#subscription, status: statusText(this.#subscription.status) }],
      kdsStreams: { globalToZone: stream, zoneToGlobal: stream },
      healthCheck: { time: lastHeard },
    };
  }
}

/** 64-bit counters are text in proto JSON. */
function statusText({ lastUpdateTime, total, stat }: SubscriptionStatus<number>): SubscriptionStatus<string> {
  const byKind = Object.entries(stat).map(([kind, counters]) => [kind, countersText(counters)] as const);
  return { lastUpdateTime, total: countersText(total), stat: Object.fromEntries(byKind) };
}

function countersText({ responsesSent, responsesAcknowledged, responsesRejected }: Counters): Counters<string> {
  return {
    responsesSent: String(responsesSent),
    responsesAcknowledged: String(responsesAcknowledged),
    responsesRejected: String(responsesRejected),
  };
}

function newCounters(): Counters {
  return { responsesSent: 0, responsesAcknowledged: 0, responsesRejected: 0 };
}
