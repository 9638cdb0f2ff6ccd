import { Counter, Gauge, Histogram, type Registry } from "@meridian/base";
import type { ZoneConvergence } from "@meridian/model";

export interface HubMetrics {
  readonly framesSent: Counter;
  readonly bytesSent: Counter;
  readonly acks: Counter;
  readonly nacks: Counter;
  readonly snapshots: Counter;
  readonly refusals: Counter<"code">;
  readonly rejectedUploads: Counter<"zone">;
  /** Change read from the log → the zone holds it durably. */
  readonly pushSeconds: Histogram;
}

/** @param zones read at each scrape. */
export function createHubMetrics(registry: Registry, zones: () => readonly ZoneConvergence[]): HubMetrics {
  const registers = [registry];
  new Gauge({
    name: "meridian_kds_zones",
    help: "Zones by status.",
    labelNames: ["status"],
    registers,
    collect() {
      for (const status of ["online", "unknown", "disabled"]) {
        this.set({ status }, zones().filter((zone) => zone.status === status).length);
      }
    },
  });
  new Gauge({
    name: "meridian_kds_zone_lag_revisions",
    help: "Revisions that concern the zone and that it has not converged on.",
    labelNames: ["zone"],
    registers,
    collect() {
      this.reset();
      for (const zone of zones()) this.set({ zone: zone.zone }, zone.behindRevisions);
    },
  });
  new Gauge({
    name: "meridian_kds_zone_lag_seconds",
    help: "Age of the oldest revision that the zone has not converged on.",
    labelNames: ["zone"],
    registers,
    collect() {
      this.reset();
      for (const zone of zones()) this.set({ zone: zone.zone }, zone.behindMs / 1000);
    },
  });
  const counter = (name: string, help: string): Counter => new Counter({ name: `meridian_kds_${name}`, help, registers });
  return {
    framesSent: counter("frames_sent_total", "Frames sent to zones."),
    bytesSent: counter("bytes_sent_total", "Bytes of frames sent to zones."),
    acks: counter("acks_total", "Frames that zones acknowledged."),
    nacks: counter("nacks_total", "Frames that zones could not apply."),
    snapshots: counter("snapshots_total", "Full snapshots sent, because the log or the digest did not allow less."),
    refusals: new Counter({
      name: "meridian_kds_refusals_total",
      help: "Zones that were not let in.",
      labelNames: ["code"],
      registers,
    }),
    rejectedUploads: new Counter({
      name: "meridian_kds_rejected_uploads_total",
      help: "Resources of zones that the global did not take.",
      labelNames: ["zone"],
      registers,
    }),
    pushSeconds: new Histogram({
      name: "meridian_kds_push_seconds",
      help: "Time from sending a change to a zone until the zone holds it durably.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
  };
}
