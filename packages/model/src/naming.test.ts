import { describe, expect, it } from "vitest";
import { zoneKind } from "./kinds/zone.ts";
import { zoneIngressKind } from "./kinds/zone-ingress.ts";
import { kri, syncedName } from "./naming.ts";
import { createKindRegistry } from "./registry.ts";

describe("syncedName", () => {
  it.each([
    ["default", "backend-1", "zone-a", "backend-1-66xxfvw7fxxww298"],
    ["", "ingress-a", "zone-a", "ingress-a-fd2xc42d2c6bd9v2"],
  ])("gives the peer's name for mesh %j, name %s, zone %s", (mesh, name, zone, expected) => {
    expect(syncedName(name, mesh, zone)).toBe(expected);
  });

  it("never gives a name that is too long", () => {
    expect(syncedName("a".repeat(253), "m", "z")).toHaveLength(253);
  });
});

describe("kri", () => {
  const registry = createKindRegistry([zoneKind, zoneIngressKind]);

  it("leaves empty parts empty", () => {
    expect(kri({ kind: "Zone", mesh: "", name: "east", labels: {} }, registry)).toBe("kri_z____east_");
  });

  it("uses the name from before a sync", () => {
    const labels = { "kuma.io/zone": "east", "kuma.io/display-name": "zi" };
    expect(kri({ kind: "ZoneIngress", mesh: "", name: "zi-abc", labels }, registry)).toBe("kri_zi__east__zi_");
  });
});
