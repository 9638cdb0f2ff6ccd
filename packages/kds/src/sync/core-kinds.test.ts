import { labelNames, type ResourceInput } from "@meridian/model";
import { expect, it } from "vitest";
import { testKinds } from "../testing/kinds.ts";
import { copyForGlobal } from "./to-global.ts";
import { copyForZones } from "./to-zone.ts";

/** Ways: g global to zones, u zone to global, z from a zone on to the other zones (reference: multizone.md section 3). */
const ways: Readonly<Record<string, string>> = {
  Mesh: "g",
  Secret: "g",
  GlobalSecret: "g",
  Dataplane: "u",
  ZoneIngress: "uz",
  ZoneEgress: "u",
  Zone: "",
  MeshService: "uz",
  MeshZoneAddress: "uz",
  Workload: "u",
  HostnameGenerator: "gu",
  MeshExternalService: "gu",
  MeshIdentity: "gu",
  MeshTrust: "guz",
  MeshOpenTelemetryBackend: "gu",
  MeshMultiZoneService: "g",
  MeshInsight: "",
};

it.each(Object.entries(ways))("%s goes %s", (kind, expected) => {
  const mesh = testKinds.get(kind)?.scope === "global" ? "" : "default";
  const own: ResourceInput = { kind, mesh, name: "a", labels: {}, spec: {}, status: { seen: true } };
  const uploaded = copyForGlobal(own, "east", testKinds);
  const fromZone = { ...own, labels: { [labelNames.origin]: "zone", [labelNames.zone]: "east", [labelNames.displayName]: "a" } };
  const options = { kinds: testKinds };
  const found = [copyForZones(own, options) && "g", uploaded && "u", copyForZones(fromZone, options) && "z"];
  expect(found.filter(Boolean).join("")).toBe(expected);
});
