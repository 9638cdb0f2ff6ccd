import { expect, test } from "vitest";
import type { LinkState } from "../ports.ts";
import { changedState } from "./link-state.ts";

const refused: LinkState = { state: "refused", since: "2026-01-01T00:00:00Z", reason: "no token", globalRevision: 7 };
const now = "2026-01-02T00:00:00Z";

test("`since` moves only with the state", () => {
  expect(changedState(refused, { globalRevision: 8 }, now)).toEqual({ ...refused, globalRevision: 8 });
  expect(changedState(refused, { state: "refused" }, now)).toEqual(refused);
  expect(changedState(refused, { state: "connecting" }, now)).toEqual({ ...refused, state: "connecting", since: now });
});

test("what a change has as undefined is gone", () => {
  const connected = changedState(refused, { state: "connected", reason: undefined }, now);
  expect(Object.keys(connected)).toEqual(["state", "since", "globalRevision"]);
});
