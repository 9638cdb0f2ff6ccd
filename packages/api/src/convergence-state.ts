import { labelNames, type Rejection, type Resource, type ZoneConvergence } from "@meridian/model";
import { type InsightView, isConnected } from "./insight-view.ts";
import type { ConvergencePort } from "./ports.ts";

/** What an overview of a zone adds to the peer's: never `online` for a zone that is not heard. */
export interface ZoneState {
  readonly status: ZoneConvergence["status"];
  /** RFC 3339; when it was heard last. */
  readonly unknownSince?: string;
  readonly revision?: number;
  readonly convergedRevision?: number;
  readonly lag?: { readonly revisions: number; readonly ms: number };
  readonly proxies?: ZoneConvergence["proxies"];
  readonly rejections?: readonly Rejection[];
}

export interface ProxyState {
  readonly status: "online" | "offline" | "partially_degraded" | "unknown";
  readonly unknownSince?: string;
  readonly zone?: string;
  readonly lag?: { readonly revisions: number; readonly ms: number };
  readonly rejections?: readonly Rejection[];
}

/** The zones at one moment; looked up once per request, however many items it lists. */
export class ConvergenceState {
  readonly #zones: ReadonlyMap<string, ZoneConvergence>;
  readonly #ownZone: string | undefined;

  /** @param ownZone the zone that answers; absent at a global. */
  constructor(convergence: ConvergencePort, ownZone: string | undefined) {
    this.#zones = new Map(convergence.report().zones.map((zone) => [zone.zone, zone]));
    this.#ownZone = ownZone;
  }

  zone(resource: Resource): ZoneState {
    const isDisabled = (resource.spec as { readonly enabled?: boolean }).enabled === false;
    const known = this.#zones.get(resource.name);
    if (!known) return { status: isDisabled ? "disabled" : "unknown" };
    const status = isDisabled ? "disabled" : known.status;
    return {
      status,
      ...(status === "unknown" && known.lastHeard !== undefined && { unknownSince: known.lastHeard }),
      revision: known.revision,
      convergedRevision: known.convergedRevision,
      lag: lagOf(known),
      proxies: known.proxies,
      ...(known.rejections.length > 0 && { rejections: known.rejections }),
    };
  }

  /** @param isDegraded some of its inbounds are not ready. */
  proxy(resource: Resource, insight: InsightView, isDegraded: boolean): ProxyState {
    const zoneName = resource.labels[labelNames.zone] ?? this.#ownZone;
    const zone = zoneName === undefined ? undefined : this.#zones.get(zoneName);
    const shared = { ...(zoneName !== undefined && { zone: zoneName }), ...(zone && { lag: lagOf(zone) }) };
    const rejections = rejectionsOf(resource, insight, zone);
    const seen = { ...shared, ...(rejections.length > 0 && { rejections }) };
    if (this.#isUnheard(zoneName)) {
      return { status: "unknown", ...(zone?.lastHeard !== undefined && { unknownSince: zone.lastHeard }), ...seen };
    }
    if (!isConnected(insight)) return { status: "offline", ...seen };
    return { status: isDegraded ? "partially_degraded" : "online", ...seen };
  }

  /** An insight without what it can no longer know: whoever is not heard of has left when it was heard last. */
  heardInsight<I extends InsightView>(zoneName: string | undefined, insight: I): I {
    const name = zoneName ?? this.#ownZone;
    const last = insight.subscriptions?.at(-1);
    if (!this.#isUnheard(name) || !last || last.disconnectTime !== undefined) return insight;
    const disconnectTime = this.#zones.get(name ?? "")?.lastHeard ?? last.connectTime;
    if (disconnectTime === undefined) return insight;
    return { ...insight, subscriptions: [...(insight.subscriptions ?? []).slice(0, -1), { ...last, disconnectTime }] };
  }

  /** @param zoneName "" where a resource does not say. */
  isHeard(zoneName: string): boolean {
    return !this.#isUnheard(zoneName === "" ? undefined : zoneName);
  }

  /** Only a global can lose sight of a zone. */
  #isUnheard(zoneName: string | undefined): boolean {
    if (this.#ownZone !== undefined || zoneName === undefined) return false;
    return this.#zones.get(zoneName)?.status !== "online";
  }
}

function lagOf(zone: ZoneConvergence): { readonly revisions: number; readonly ms: number } {
  return { revisions: zone.behindRevisions, ms: zone.behindMs };
}

/** The zone knows the proxy by the name that it has there. */
function rejectionsOf(resource: Resource, insight: InsightView, zone: ZoneConvergence | undefined): readonly Rejection[] {
  const nameInZone = resource.labels[labelNames.displayName] ?? resource.name;
  const reported = (zone?.rejections ?? []).filter(
    ({ mesh, proxy }) => mesh === resource.mesh && (proxy === nameInZone || proxy === resource.name),
  );
  return reported.length === 0 && insight.rejection ? [insight.rejection] : reported;
}
