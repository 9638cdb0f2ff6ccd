import type { DataplaneInbound } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { contributionTo, type Member, servicesOf, soleServiceOf, unknownProxy } from "./contribution.ts";
import { canNameMeshService, generatedMeshService, graceStartMs, graceText } from "./generated.ts";
import { Tally } from "./tally.ts";

const inbound = (port: number, service: string, more: Partial<DataplaneInbound> = {}): DataplaneInbound => ({
  port,
  tags: { "kuma.io/service": service, version: "v1" },
  ...more,
});

function member(name: string, ...inbounds: DataplaneInbound[]): Member {
  return { name, labels: { team: "a" }, state: unknownProxy, spec: { networking: { address: "10.0.0.1", inbound: inbounds } } };
}

const tags = (more: Record<string, string>) => ({ dataplaneTags: more });

describe("who stands behind a selector", () => {
  const web = member("web-1", inbound(80, "web", { name: "http", protocol: "http" }), inbound(9000, "admin"));
  it.each([
    [tags({ "kuma.io/service": "web" }), [80]],
    [tags({ "kuma.io/service": "web", version: "v2" }), []],
    [tags({ version: "v1" }), [80, 9000]],
    [tags({}), []],
    [{}, []],
    [{ dataplaneRef: { name: "web-1" } }, [80, 9000]],
    [{ dataplaneRef: { name: "web-2" } }, []],
    [{ dataplaneLabels: { matchLabels: { team: "a" } } }, [80, 9000]],
    [{ dataplaneLabels: { matchLabels: {} } }, []],
  ])("%j: %j", (selector, ports) => {
    expect(contributionTo(selector, web)?.ports.map(({ port }) => port) ?? []).toEqual(ports);
  });

  it("takes the name and protocol of the inbound, else its port and tag", () => {
    expect(contributionTo({ dataplaneRef: { name: "web-1" } }, web)?.ports).toEqual([
      { port: 80, name: "http", protocol: "http" },
      { port: 9000, name: "9000", protocol: "tcp" },
    ]);
  });

  it("is healthy only with all that was selected", () => {
    const half = member("x", inbound(80, "web"), inbound(81, "web", { state: "NotReady" }), inbound(82, "db"));
    expect(contributionTo(tags({ "kuma.io/service": "web" }), half)?.isHealthy).toBe(false);
    expect(contributionTo(tags({ "kuma.io/service": "db" }), half)?.isHealthy).toBe(true);
    const old = member("x", inbound(80, "web", { health: { ready: false } }));
    expect(contributionTo(tags({ "kuma.io/service": "web" }), old)?.isHealthy).toBe(false);
  });

  it("leaves out ignored inbounds, the placeholder port and gateways", () => {
    const { spec } = member("x", inbound(80, "a", { state: "Ignored" }), inbound(49_151, "b"), inbound(81, "c"));
    expect(servicesOf(spec)).toEqual(["c"]);
    expect(servicesOf({ networking: { address: "10.0.0.1", gateway: { tags: { "kuma.io/service": "g" } } } })).toEqual([]);
  });
});

it("a selector of the service alone is told from others", () => {
  expect(soleServiceOf(tags({ "kuma.io/service": "web" }))).toBe("web");
  expect(soleServiceOf(tags({ "kuma.io/service": "web", version: "v1" }))).toBeUndefined();
  expect(soleServiceOf({})).toBeUndefined();
});

it.each([
  ["web", true],
  ["web-1", true],
  ["1web", false],
  ["web-", false],
  ["web_1", false],
  ["Web", false],
  ["", false],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
])("a service called %s can be a MeshService: %s", (service, expected) => expect(canNameMeshService(service)).toBe(expected));

it("a generated MeshService says what its data planes offer", () => {
  const tally = new Tally();
  const selector = tags({ "kuma.io/service": "web" });
  tally.set("a", contributionTo(selector, member("a", inbound(80, "web", { name: "http", protocol: "http" }))));
  tally.set("b", contributionTo(selector, member("b", inbound(81, "web", { protocol: "unheard-of", state: "NotReady" }))));
  expect(generatedMeshService({ mesh: "prod", name: "web" }, tally, { zone: "east", env: "universal" })).toEqual({
    kind: "MeshService",
    mesh: "prod",
    name: "web",
    labels: {
      "kuma.io/display-name": "web",
      "kuma.io/managed-by": "meshservice-generator",
      "kuma.io/mesh": "prod",
      "kuma.io/origin": "zone",
      "kuma.io/zone": "east",
      "kuma.io/env": "universal",
    },
    spec: {
      selector: { dataplaneTags: { "kuma.io/service": "web" } },
      ports: [
        { port: 80, targetPort: 80, appProtocol: "http", name: "http" },
        { port: 81, targetPort: 81, appProtocol: "tcp", name: "81" },
      ],
      identities: [{ type: "ServiceTag", value: "web" }],
      state: "Available",
    },
  });
});

it("the start of a grace survives as a label, to the second", () => {
  const ms = Date.parse("2026-11-21T14:30:07.512Z");
  expect(graceText(ms)).toBe("20261121T143007Z");
  const labels = { "kuma.io/deletion-grace-period-started-at": graceText(ms) };
  expect(graceStartMs({ labels })).toBe(Date.parse("2026-11-21T14:30:07Z"));
  expect(graceStartMs({ labels: {} })).toBeUndefined();
  expect(graceStartMs({ labels: { "kuma.io/deletion-grace-period-started-at": "soon" } })).toBeUndefined();
});
