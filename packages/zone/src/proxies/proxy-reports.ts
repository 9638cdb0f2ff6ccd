import type { Clock, Logger } from "@meridian/base";
import type { TypeUrl } from "@meridian/envoy";
import type { Revision } from "@meridian/model";
import type { Nack } from "@meridian/xds";
import type { InsightWriter } from "../insights/insight-writer.ts";
import type { ResponseEvent } from "../insights/proxy-record.ts";
import type { ZoneMetrics } from "../metrics.ts";
import type { ViewFeed } from "../view/view-feed.ts";
import type { ProgressTracker } from "./progress.ts";
import type { ProxySession } from "./proxy-session.ts";
import { PushTimer } from "./push-timer.ts";
import { blamedPolicies, describeRejection } from "./rejections.ts";

export interface ProxyReportsOptions {
  readonly progress: ProgressTracker;
  readonly insights: InsightWriter;
  readonly metrics: ZoneMetrics;
  readonly feed: () => Pick<ViewFeed, "resourceOf">;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
}

/** Carries what proxies do to all who want to know: convergence, insights, metrics and the log. */
export class ProxyReports {
  readonly #options: ProxyReportsOptions;
  readonly #pushTimer: PushTimer;

  constructor(options: ProxyReportsOptions) {
    this.#options = options;
    this.#pushTimer = new PushTimer(options.metrics.pushSeconds, options.monotonicMs);
  }

  connected(session: ProxySession, connectedProxies: number): void {
    this.#options.progress.connected(session.id, session.generation);
    this.#options.insights.connected(session);
    this.#options.metrics.connectedProxies.set(connectedProxies);
  }

  disconnected(session: ProxySession, connectedProxies: number): void {
    this.#options.progress.disconnected(session.id);
    this.#options.insights.disconnected(session);
    this.#options.metrics.connectedProxies.set(connectedProxies);
    this.#converged();
  }

  /** The view reflects `generation`, and these proxies were given something. */
  advanced(generation: Revision, patched: readonly string[], isPolicyNews: boolean): void {
    if (patched.length > 0) this.#pushTimer.started(generation);
    this.#options.progress.advanced(generation, patched, isPolicyNews);
  }

  acknowledged(session: ProxySession, generation: Revision): void {
    const { progress, insights } = this.#options;
    progress.acknowledged(session.id, generation);
    this.#converged();
    insights.rejection(session, progress.rejectionOf(session.id));
  }

  rejected(session: ProxySession, nack: Nack): void {
    const { progress, insights, metrics, feed, clock, logger } = this.#options;
    metrics.nacks.inc();
    const owed = progress.owedBy(session.id) ?? nack.generation;
    const resourceOf = (key: string) => feed().resourceOf(key);
    const origins = blamedPolicies(nack, { resourceOf, owed, known: progress.blamedFor(session.id, nack) });
    progress.rejected(session.id, {
      ...{ nack, origins },
      describe: (revision) => describeRejection(session, nack, { resourceOf, origins, revision, nowMs: clock.now() }),
    });
    this.#converged();
    const rejection = progress.rejectionOf(session.id);
    insights.rejection(session, rejection);
    logger.warn(
      { proxy: session.id, typeUrl: nack.typeUrl, reason: nack.message, policies: rejection?.policies },
      "a proxy rejected its config and goes on with the last good one",
    );
  }

  counted(session: ProxySession, event: ResponseEvent, typeUrl: TypeUrl): void {
    this.#options.metrics.responses.inc({ event });
    this.#options.insights.counted(session, event, typeUrl);
  }

  identityIssued(session: ProxySession): void {
    this.#options.metrics.certificates.inc();
    this.#options.insights.certified(session);
  }

  #converged(): void {
    this.#pushTimer.converged(this.#options.progress.convergedGeneration);
  }
}
