import { describe, expect, it } from "vitest";
import { encodeEntry } from "../sync/entry.ts";
import type { Audience } from "../sync/to-zone.ts";
import type { ZoneChange } from "./image.ts";
import { Push } from "./push.ts";

const entry = encodeEntry({ kind: "K", mesh: "m", name: "n", labels: {}, spec: {} });
const change = (key: string, audience: Audience): ZoneChange => ({ revision: 1, timeMs: 0, key, entry, audience });

describe("Push", () => {
  it("encodes once for all zones that get the same", () => {
    const push = new Push([change("K/m/a", { to: "all" }), change("K/m/b", { to: "except", zone: "east" })], 1, 1000);
    expect(push.for("west").frame()).toBe(push.for("north").frame());
    expect(push.for("east").frame()).not.toBe(push.for("west").frame());
    expect([...push.for("east").delta.keys()]).toEqual(["K/m/a"]);
  });

  it("leaves what is too large for one frame to a transfer", () => {
    expect(new Push([change("K/m/a", { to: "all" })], 1, 10).for("east").frame()).toBeUndefined();
  });

  it("has nothing for a zone that nothing concerns", () => {
    expect(new Push([change("K/m/a", { to: "only", zone: "east" })], 1, 1000).for("west").delta.size).toBe(0);
  });
});
