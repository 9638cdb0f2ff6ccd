import type { Clock } from "@meridian/base";
import type { ConvergenceSource } from "@meridian/kds";
import type { ConvergenceReport, Revision } from "@meridian/model";
import type { ProgressTracker } from "@meridian/zone";

/** Convergence as a zone knows it: of its own proxies only. */
export function ownConvergence(zone: string, tracker: ProgressTracker, clock: Clock): ConvergenceSource {
  let behindSinceMs: number | undefined;
  tracker.progress.subscribe((progress) => {
    const isBehind = progress.convergedRevision < progress.revision;
    behindSinceMs = isBehind ? (behindSinceMs ?? clock.now()) : undefined;
  });
  return {
    report: (revision?: Revision): ConvergenceReport => {
      const progress = tracker.progress.value;
      const wanted = revision ?? progress.revision;
      const rejected = progress.rejections.some((rejection) => rejection.revision >= wanted);
      return {
        revision: wanted,
        converged: progress.convergedRevision >= wanted && !rejected,
        zones: [
          {
            ...progress,
            zone,
            status: "online",
            lastHeard: new Date(clock.now()).toISOString(),
            behindRevisions: progress.revision - progress.convergedRevision,
            behindMs: behindSinceMs === undefined ? 0 : clock.now() - behindSinceMs,
          },
        ],
      };
    },
    subscribe: (listener) => tracker.progress.subscribe(listener),
  };
}
