import { typeUrls } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { ProgressTracker } from "./progress.ts";

const rejection = {
  mesh: "default",
  proxy: "web-1",
  typeUrl: "listener",
  resources: ["outbound:127.0.0.1:9000"],
  message: "no",
  policies: [],
  time: "2026-01-01T00:00:00.000Z",
};

describe("progress of a zone", () => {
  it("converges at once when a change concerns no proxy", () => {
    const tracker = new ProgressTracker(false);
    tracker.advanced(7, []);
    expect(tracker.progress.value).toMatchObject({ revision: 7, convergedRevision: 7 });
  });

  it("converges when the last proxy acknowledges", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.connected("b", 1);
    tracker.acknowledged("a", 1);
    tracker.acknowledged("b", 1);
    tracker.advanced(2, ["a", "b"]);
    tracker.acknowledged("a", 2);
    expect(tracker.progress.value).toMatchObject({ revision: 2, convergedRevision: 1, proxies: { connected: 2, pending: 1 } });
    tracker.acknowledged("b", 2);
    expect(tracker.progress.value).toMatchObject({ convergedRevision: 2, proxies: { pending: 0 } });
  });

  it("does not take the acknowledgement of an older config for that of a newer one", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.acknowledged("a", 1);
    tracker.advanced(2, ["a"]);
    tracker.acknowledged("a", 1);
    expect(tracker.progress.value.convergedRevision).toBe(1);
  });

  it("stays behind the oldest debt when several changes are under way", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.acknowledged("a", 1);
    tracker.advanced(2, ["a"]);
    tracker.advanced(3, ["a"]);
    expect(tracker.progress.value).toMatchObject({ revision: 3, convergedRevision: 1 });
    tracker.acknowledged("a", 3);
    expect(tracker.progress.value.convergedRevision).toBe(3);
  });

  it("is not through with a proxy that has acknowledged the first of two changes under way", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.connected("b", 1);
    for (const id of ["a", "b"]) tracker.acknowledged(id, 1);
    tracker.advanced(2, ["a"]);
    tracker.advanced(3, ["b"]);
    tracker.advanced(4, ["a"]);
    tracker.acknowledged("a", 2);
    expect(tracker.progress.value).toMatchObject({ revision: 4, convergedRevision: 2, proxies: { pending: 2 } });
    tracker.acknowledged("b", 3);
    expect(tracker.progress.value).toMatchObject({ convergedRevision: 2, proxies: { pending: 1 } });
    tracker.acknowledged("a", 4);
    expect(tracker.progress.value).toMatchObject({ convergedRevision: 4, proxies: { pending: 0 } });
  });

  it("never goes back: a proxy that joins later cannot undo what was true", () => {
    const tracker = new ProgressTracker(false);
    tracker.advanced(5, []);
    tracker.connected("late", 5);
    expect(tracker.progress.value).toMatchObject({ convergedRevision: 5, proxies: { pending: 1 } });
  });

  it("counts a refusal as an answer and shows it until a later config is accepted", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.acknowledged("a", 1);
    tracker.advanced(2, ["a"]);
    const nack = { typeUrl: typeUrls.route, message: "no", generation: 2, standing: [] };
    tracker.rejected("a", { nack, origins: [], describe: (revision) => ({ ...rejection, revision }) });
    expect(tracker.progress.value).toMatchObject({
      convergedRevision: 2,
      proxies: { pending: 0, rejected: 1 },
      rejections: [{ revision: 2 }],
    });
    tracker.advanced(3, ["a"]);
    tracker.acknowledged("a", 3);
    expect(tracker.progress.value.rejections).toEqual([]);
  });

  it("forgets a proxy that left", () => {
    const tracker = new ProgressTracker(false);
    tracker.connected("a", 1);
    tracker.advanced(2, ["a"]);
    tracker.disconnected("a");
    expect(tracker.progress.value).toMatchObject({ convergedRevision: 2, proxies: { connected: 0, pending: 0 } });
  });

  it("speaks in the global's revisions once they are paired with the zone's own", () => {
    const tracker = new ProgressTracker(true);
    tracker.paired(10, 100);
    tracker.advanced(10, []);
    tracker.connected("a", 10);
    tracker.advanced(12, ["a"]);
    expect(tracker.progress.value).toMatchObject({ revision: 100, convergedRevision: 100 });
    tracker.paired(12, 105);
    expect(tracker.progress.value).toMatchObject({ revision: 105, convergedRevision: 100 });
    tracker.acknowledged("a", 12);
    expect(tracker.progress.value.convergedRevision).toBe(105);
  });

  it("moves on with a global revision that changed nothing here", () => {
    const tracker = new ProgressTracker(true);
    tracker.advanced(3, []);
    tracker.paired(3, 50);
    tracker.paired(3, 51);
    expect(tracker.progress.value).toMatchObject({ revision: 51, convergedRevision: 51 });
  });
});
