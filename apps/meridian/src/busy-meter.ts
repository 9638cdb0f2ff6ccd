import { performance } from "node:perf_hooks";

/** Measures the share of time that the event loop was busy since the last call; 0 for a span too short to tell. */
export function createBusyMeter(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return Number.isFinite(utilization) ? utilization : 0;
  };
}
