import { describe, expect, it } from "vitest";
import { everyZone } from "../sync/to-zone.ts";
import { Relevance } from "./relevance.ts";

const exceptEast = { to: "except", zone: "east" } as const;

describe("Relevance", () => {
  it("knows the last revision that concerns a zone, and what it lacks", () => {
    const relevance = new Relevance(0, 100);
    relevance.add({ revision: 3, timeMs: 30, audience: everyZone });
    relevance.add({ revision: 5, timeMs: 50, audience: exceptEast });
    relevance.add({ revision: 9, timeMs: 90, audience: everyZone });
    expect([2, 3, 7, 9, 20].map((revision) => relevance.lastUpTo(revision, "east"))).toEqual([0, 3, 3, 9, 9]);
    expect(relevance.lastUpTo(7, "west")).toBe(5);
    expect(relevance.behind(3, "west")).toEqual({ revisions: 2, sinceMs: 50 });
    expect(relevance.behind(3, "east")).toEqual({ revisions: 1, sinceMs: 90 });
    expect(relevance.behind(9, "east")).toEqual({ revisions: 0, sinceMs: undefined });
  });

  it("errs to the safe side about what it forgot", () => {
    const relevance = new Relevance(0, 8);
    for (let revision = 1; revision <= 20; revision += 1) relevance.add({ revision, timeMs: revision, audience: exceptEast });
    expect(relevance.lastUpTo(4, "east")).toBe(4);
    expect(relevance.behind(0, "west").revisions).toBe(20);
    relevance.restart(20);
    expect(relevance.lastUpTo(25, "east")).toBe(20);
  });
});
