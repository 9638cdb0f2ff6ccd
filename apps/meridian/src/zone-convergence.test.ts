import { typeUrls } from "@meridian/envoy";
import { ProgressTracker } from "@meridian/zone";
import { beforeEach, describe, expect, it } from "vitest";
import { ownConvergence } from "./zone-convergence.ts";

let nowMs: number;
let tracker: ProgressTracker;
let convergence: ReturnType<typeof ownConvergence>;
beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  tracker = new ProgressTracker(false);
  convergence = ownConvergence("east", tracker, { now: () => nowMs });
});

const rejection = { mesh: "default", proxy: "web", typeUrl: "route", resources: [], message: "no", policies: [], time: "" };

describe("convergence as a zone knows it", () => {
  it("is there once every proxy has acknowledged", () => {
    tracker.connected("web", 1);
    tracker.acknowledged("web", 1);
    tracker.advanced(5, ["web"]);
    expect(convergence.report()).toMatchObject({ revision: 5, converged: false });
    expect(convergence.report(4)).toMatchObject({ revision: 4, converged: true });
    tracker.acknowledged("web", 5);
    expect(convergence.report(5)).toMatchObject({ converged: true });
    expect(convergence.report(6)).toMatchObject({ converged: false });
  });

  it("says how far behind it is, and for how long", () => {
    tracker.connected("web", 1);
    tracker.acknowledged("web", 1);
    tracker.advanced(2, ["web"]);
    nowMs += 1_000;
    tracker.advanced(3, ["web"]);
    nowMs += 500;
    expect(convergence.report().zones).toMatchObject([
      { zone: "east", status: "online", behindRevisions: 2, behindMs: 1_500, lastHeard: "2026-01-01T00:00:01.500Z" },
    ]);
    tracker.acknowledged("web", 3);
    expect(convergence.report().zones).toMatchObject([{ behindRevisions: 0, behindMs: 0 }]);
  });

  it("is not there where a proxy refused", () => {
    tracker.connected("web", 1);
    tracker.advanced(2, ["web"]);
    const nack = { typeUrl: typeUrls.route, message: "no", generation: 2, standing: [] };
    tracker.rejected("web", { nack, origins: [], describe: (revision) => ({ ...rejection, revision }) });
    expect(convergence.report(2)).toMatchObject({
      converged: false,
      zones: [{ convergedRevision: 2, rejections: [{ revision: 2 }] }],
    });
    expect(convergence.report(3)).toMatchObject({ converged: false });
  });

  it("tells of every change until nobody wants to hear", () => {
    let told = 0;
    const end = convergence.subscribe(() => {
      told += 1;
    });
    tracker.advanced(1, []);
    tracker.advanced(2, []);
    end();
    tracker.advanced(3, []);
    expect(told).toBe(2);
  });
});
