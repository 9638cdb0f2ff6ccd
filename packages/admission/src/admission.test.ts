import { labelNames, type SecretSpec } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { ValidationFailed } from "./errors.ts";
import type { WriteRequest } from "./ports.ts";
import { builtinMtls, dataplaneSpec, put, remove, setUp, tester } from "./samples.ts";
import { secretText } from "./secrets.ts";

type Bench = ReturnType<typeof setUp>;

async function admit({ admission }: Bench, ...requests: WriteRequest[]) {
  return admission.admit(requests, tester);
}

async function refuse({ admission }: Bench, ...requests: WriteRequest[]): Promise<readonly string[]> {
  const error = await admission.prepare(requests).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ValidationFailed)) throw error ?? new Error("admitted");
  return [error.title, ...error.violations.map(({ request, path, message }) => `${request} ${path}: ${message}`)];
}

async function namesOf({ store }: Bench, kind: string): Promise<readonly string[]> {
  return (await store.list(kind)).map(({ name }) => name);
}

describe("a mesh", () => {
  it("gets its token key, and the secrets of a builtin CA, with the first revision", async () => {
    const bench = setUp();
    const { outcomes, revision } = await admit(bench, put("Mesh", "m", builtinMtls));
    expect([outcomes, revision]).toEqual([["created"], 1]);
    expect(await namesOf(bench, "Secret")).toEqual([
      "dataplane-token-signing-key-m-1",
      "m.ca-builtin-cert-ca-1",
      "m.ca-builtin-key-ca-1",
    ]);
    const cert = await bench.store.get<SecretSpec>({ kind: "Secret", mesh: "m", name: "m.ca-builtin-cert-ca-1" });
    const tenYearsMs = 315_360_000_000;
    expect(secretText(cert?.spec ?? {})).toContain(`"commonName":"m","spiffeId":"spiffe://m","validForMs":${tenYearsMs}`);
  });

  it("keeps its CA when it is written again", async () => {
    const bench = setUp();
    await admit(bench, put("Mesh", "m", builtinMtls));
    const made = bench.pki.made.length;
    await admit(bench, put("Mesh", "m", { ...builtinMtls, routing: { localityAwareLoadBalancing: true } }));
    expect(bench.pki.made).toHaveLength(made);
  });

  it("does not get a second half of a CA", async () => {
    const bench = setUp();
    const half = put("Secret", "m.ca-builtin-key-ca-1", { data: "eA==" }, { mesh: "m" });
    expect(await refuse(bench, put("Mesh", "m", builtinMtls), half)).toEqual([
      "Failed to create a resource",
      '0 mtls.backends[0].conf: Secret "m.ca-builtin-key-ca-1" exists but "m.ca-builtin-cert-ca-1" does not: ' +
        "restore it, or delete both to get a new CA",
    ]);
  });

  it("cannot change its CA while mTLS is on", async () => {
    const bench = setUp();
    await admit(bench, put("Mesh", "m", builtinMtls));
    const other = { mtls: { enabledBackend: "ca-2", backends: [{ name: "ca-2", type: "builtin" }] } };
    expect(await refuse(bench, put("Mesh", "m", other))).toEqual([
      "Failed to update a resource",
      "0 mtls.enabledBackend: Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA",
    ]);
    await admit(bench, put("Mesh", "m", {}));
    await admit(bench, put("Mesh", "m", other));
  });

  it("may have a provided CA whose secrets come with the same batch", async () => {
    const bench = setUp();
    const conf = { cert: { secret: "c" }, key: { secret: "k" } };
    const mesh = put("Mesh", "m", { mtls: { enabledBackend: "p", backends: [{ name: "p", type: "provided", conf }] } });
    const secret = (name: string, text: string) => put("Secret", name, { data: btoa(text) }, { mesh: "m" });
    expect(await refuse(bench, mesh)).toEqual([
      "Failed to create a resource",
      '0 mtls.backends[0].conf.cert: could not load data: resource not found: type="Secret" name="c" mesh="m"',
      '0 mtls.backends[0].conf.key: could not load data: resource not found: type="Secret" name="k" mesh="m"',
    ]);
    expect(await refuse(bench, mesh, secret("c", "good cert"), secret("k", "bad key"))).toContain(
      "0 mtls.backends[0].conf.cert: not a valid TLS key pair: they differ",
    );
    const { outcomes } = await admit(bench, mesh, secret("c", "good cert"), secret("k", "good key"));
    expect(outcomes).toEqual(["created", "created", "created"]);
  });

  it("with skipValidation is not asked for its provided CA", async () => {
    const backends = [{ name: "p", type: "provided", conf: { cert: { secret: "c" }, key: { secret: "k" } } }];
    await admit(setUp(), put("Mesh", "m", { mtls: { skipValidation: true, enabledBackend: "p", backends } }));
  });

  it("is not deleted while data planes are attached; then everything in it goes too", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    await admit(bench, put("Mesh", "m"), put("Dataplane", "web", dataplaneSpec, { mesh: "m" }), put("Mesh", "other"));
    expect(await refuse(bench, remove("Mesh", "m"))).toEqual([
      "Could not delete a resource",
      "0 mesh: unable to delete mesh, there are still some dataplanes attached",
    ]);
    await admit(bench, put("TrafficRoute", "r", {}, { mesh: "m" }));
    const insight = { kind: "DataplaneInsight", mesh: "m", name: "web" };
    await bench.store.putStatus([{ key: insight, value: {} }]);
    await admit(bench, remove("Mesh", "m"), remove("Dataplane", "web", "m"));
    expect(await namesOf(bench, "Secret")).toEqual(["dataplane-token-signing-key-other-1"]);
    expect(await namesOf(bench, "TrafficRoute")).toEqual([]);
    expect(await bench.store.getStatus(insight)).toBeUndefined();
  });

  it("must exist, or come with the batch", async () => {
    const bench = setUp();
    await expect(admit(bench, put("Secret", "s", {}, { mesh: "none" }))).rejects.toMatchObject({ code: "MESH_NOT_FOUND" });
    expect(await refuse(bench, put("Secret", "s", {}, { mesh: "none" }), put("Zone", "z", { enabled: true }))).toEqual([
      "Failed to retrieve Mesh",
      '0 mesh: mesh "none" does not exist: create it first, or name another one',
    ]);
    await admit(bench, put("Secret", "s", {}, { mesh: "new" }), put("Mesh", "new"));
  });
});

/** Reference: rest-api.md section 3.4. */
describe("read-only kinds", () => {
  const zoneOwned = ["Dataplane", "ZoneIngress", "ZoneEgress", "MeshService", "MeshZoneAddress", "Workload"];
  const shared = [
    ...["Zone", "Secret", "GlobalSecret", "MeshHTTPRoute", "HostnameGenerator", "MeshExternalService", "MeshIdentity"],
    ...["MeshTrust", "MeshOpenTelemetryBackend"],
  ];
  const globals = ["Mesh", "TrafficRoute", "MeshMultiZoneService"];
  const insights = ["DataplaneInsight", "MeshInsight", "ServiceInsight"];
  const writable = {
    global: [...shared, ...globals],
    zone: [...zoneOwned, ...shared],
    standalone: [...zoneOwned, ...shared, ...globals],
  };
  it.each(["global", "zone", "standalone"] as const)("of a %s control plane", async (role) => {
    const bench = setUp({ role, ...(role !== "global" && { zone: "east" }) });
    await bench.store.commit([put("Mesh", "default")], tester);
    const open: string[] = [];
    for (const kind of [...writable.standalone, ...insights]) {
      const mustSay = role === "zone" && bench.deps.kinds.get(kind)?.style === "spec";
      const labels = mustSay ? { labels: { [labelNames.origin]: "zone" } } : {};
      const spec = kind === "Dataplane" ? dataplaneSpec : {};
      const result = await bench.admission.prepare([put(kind, "x", spec, labels)]).catch((error: { code: string }) => error.code);
      if (typeof result === "object") open.push(kind);
      else expect([kind, result]).toEqual([kind, "READ_ONLY_KIND"]);
    }
    expect(open.sort()).toEqual([...writable[role]].sort());
  });
});

describe("a status", () => {
  it("stays when a user writes the resource again", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    await admit(bench, put("Mesh", "default"));
    const { resource } = put("MeshExternalService", "a", { match: { port: 80 } });
    const status = { vip: { ip: "242.0.0.0" } };
    await bench.store.commit([{ op: "put", resource: { ...resource, status } }], tester);
    await admit(bench, put("MeshExternalService", "a", { match: { port: 81 } }));
    expect(await bench.store.get(resource)).toMatchObject({ spec: { match: { port: 81 } }, status });
  });
});

describe("what leaves by a zone egress", () => {
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };

  it("is not served by a listener of a data plane, and the user hears so", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    const listeners = ["ZoneIngress", "ZoneEgress"].map((type, index) => ({ type, port: 10_001 + index }));
    const door = put("Dataplane", "door", { networking: { address: "10.0.0.1", listeners } }, { mesh: "m" });
    const { warnings } = await admit(bench, put("Mesh", "m"), door);
    expect(warnings).toEqual([expect.stringContaining("networking.listeners[1] is not served")]);
  });

  it("is warned of as long as there is none, or no mTLS", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    const external = put("MeshExternalService", "a", { match: { port: 80 } });
    await admit(bench, put("Mesh", "default"));
    expect((await admit(bench, external)).warnings).toEqual([
      expect.stringContaining("neither mTLS nor a MeshIdentity"),
      expect.stringContaining("no zone has an egress"),
    ]);
    await admit(bench, put("MeshIdentity", "all", { provider: { type: "Spire" } }));
    expect((await admit(bench, external)).warnings).toEqual([expect.stringContaining("no zone has an egress")]);
    const leaving = await admit(bench, put("Mesh", "default", { mtls, routing: { zoneEgress: true } }));
    expect(leaving.warnings).toEqual([expect.stringContaining("no zone has an egress")]);
    const egress = put("ZoneEgress", "e", { networking: { address: "10.0.0.1", port: 10002 } });
    expect((await admit(bench, egress, external)).warnings).toEqual([]);
  });
});

describe("labels", () => {
  it("are computed at a zone, and the zone tag is set", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    await admit(bench, put("Mesh", "default"));
    const inbound = [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/zone": "west" } }];
    const { warnings } = await admit(bench, put("Dataplane", "a", { networking: { address: "10.0.0.1", inbound } }));
    expect(warnings).toEqual([
      'networking.inbound[0].tags["kuma.io/zone"] is "east", the zone of this control plane, instead of "west"',
    ]);
    const stored = await bench.store.get({ kind: "Dataplane", mesh: "default", name: "a" });
    expect(stored).toMatchObject({
      labels: {
        "kuma.io/mesh": "default",
        "kuma.io/origin": "zone",
        "kuma.io/env": "universal",
        "kuma.io/zone": "east",
        "kuma.io/proxy-type": "sidecar",
      },
      spec: { networking: { inbound: [{ tags: { "kuma.io/service": "web", "kuma.io/zone": "east" } }] } },
    });
  });

  it("are refused where they contradict the place", async () => {
    const bench = setUp();
    await admit(bench, put("Mesh", "default"));
    expect(
      await refuse(bench, put("MeshHTTPRoute", "a", {}, { labels: { "kuma.io/origin": "zone", "kuma.io/mesh": "x" } })),
    ).toEqual([
      "Could not process a resource",
      '0 labels["kuma.io/origin"]: the origin label must be set to "global" or left out: this is the global control plane',
      '0 labels["kuma.io/mesh"]: must be "default", the mesh of the resource',
    ]);
    const zone = setUp({ role: "zone", zone: "east" });
    await zone.store.commit([put("Mesh", "default")], tester);
    expect(await refuse(zone, put("MeshHTTPRoute", "a", {}, { labels: { "kuma.io/zone": "west" } }))).toEqual([
      "Could not process a resource",
      '0 labels["kuma.io/origin"]: the origin label must be set to "zone": this is the control plane of a zone',
      '0 labels["kuma.io/zone"]: must be "east", the zone of this control plane',
    ]);
  });

  it("that say where a resource comes from never change", async () => {
    const zone = setUp({ role: "zone", zone: "east" });
    const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "a" };
    await zone.store.commit([put("Mesh", "default"), put("MeshHTTPRoute", "a", {}, { labels })], tester);
    expect(await refuse(zone, put("MeshHTTPRoute", "a", {}, { labels: { "kuma.io/origin": "zone" } }))).toEqual([
      "Could not update a resource",
      '0 labels["kuma.io/origin"]: is immutable: it is "global" and cannot become "zone"',
      '0 labels["kuma.io/display-name"]: is immutable: it is "a" and cannot be removed',
    ]);
    expect(await refuse(zone, remove("MeshHTTPRoute", "a", "default"))).toEqual([
      "Could not delete a resource",
      '0 labels["kuma.io/origin"]: the resource comes from the global control plane: delete it there',
    ]);
  });
});

describe("a data plane", () => {
  it("must fulfil the constraints of its mesh", async () => {
    const bench = setUp({ role: "standalone", zone: "east" });
    const requirements = [{ tags: { team: "*", "kuma.io/zone": "east" } }];
    const constraints = { dataplaneProxy: { requirements, restrictions: [{ tags: { env: "test" } }] } };
    await admit(bench, put("Mesh", "default", { constraints }));
    const dataplane = (tags: object) => {
      const inbound = [{ port: 80, tags: { "kuma.io/service": "web", ...tags } }];
      return put("Dataplane", "a", { networking: { address: "10.0.0.1", inbound } });
    };
    expect(await refuse(bench, dataplane({ env: "test" }))).toEqual([
      "Failed to create a resource",
      '0 networking.inbound[0].tags: dataplane cannot be a member of mesh "default" because its tags ' +
        '"env=test kuma.io/service=web kuma.io/zone=east" do not fulfill any requirements defined on the Mesh',
    ]);
    expect((await refuse(bench, dataplane({ team: "a", env: "test" })))[1]).toContain('match the restricted tags "env=test"');
    await admit(bench, dataplane({ team: "a", env: "prod" }));
  });

  it("with a watched probe starts as not ready, and keeps what the probe found", async () => {
    const bench = setUp({ role: "standalone", zone: "east", watchesServiceProbes: true });
    const key = { kind: "Dataplane", mesh: "default", name: "a" };
    const inbound = { port: 80, tags: { "kuma.io/service": "web" }, serviceProbe: { tcp: {} } };
    const request = put("Dataplane", "a", { networking: { address: "10.0.0.1", inbound: [inbound] } });
    await admit(bench, put("Mesh", "default"), request);
    expect(await bench.store.get(key)).toMatchObject({ spec: { networking: { inbound: [{ state: "NotReady", health: {} }] } } });
    const ready = { ...inbound, state: "Ready", health: { ready: true } };
    await admit(bench, put("Dataplane", "a", { networking: { address: "10.0.0.1", inbound: [ready] } }));
    const moved = { networking: { address: "10.0.0.2", inbound: [inbound] } };
    await admit(bench, put("Dataplane", "a", moved));
    expect(await bench.store.get(key)).toMatchObject({
      spec: { networking: { inbound: [{ state: "Ready", health: { ready: true } }] } },
    });
  });
});

describe("secrets and zones", () => {
  it("a secret that a CA needs stays", async () => {
    const bench = setUp();
    await admit(bench, put("Mesh", "m", builtinMtls));
    const name = "m.ca-builtin-cert-ca-1";
    expect(await refuse(bench, remove("Secret", name, "m"))).toEqual([
      "Could not delete a resource",
      `0 name: The secret "${name}" that you are trying to remove is currently in use in Mesh "m" in mTLS backend "ca-1". ` +
        'Please remove the reference from the "ca-1" backend before removing the secret.',
    ]);
    await admit(bench, put("Mesh", "m", {}), remove("Secret", name, "m"));
  });

  it("a zone that is online stays; an absent one goes with what it sent", async () => {
    const online = new Set(["east"]);
    const bench = setUp({ isZoneOnline: (zone) => online.has(zone) });
    await admit(bench, put("Mesh", "default"), put("Zone", "east", { enabled: true }));
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
    const upload = [put("Dataplane", "web-x", dataplaneSpec, { labels })];
    await bench.admission.admit(upload, tester, { source: "zone" });
    expect(await refuse(bench, remove("Zone", "east"))).toEqual([
      "Could not delete a resource",
      "0 zone: unable to delete Zone, Zone CP is still connected, please shut it down first",
    ]);
    online.clear();
    await admit(bench, remove("Zone", "east"));
    expect(await namesOf(bench, "Dataplane")).toEqual([]);
  });

  it("what a zone sends is checked, and tells which resource is wrong", async () => {
    const bench = setUp();
    await admit(bench, put("Mesh", "default"));
    const east = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
    const west = { ...east, "kuma.io/zone": "west" };
    const good = put("Dataplane", "web", dataplaneSpec, { labels: east });
    await bench.admission.admit([good], tester, { source: "zone" });
    const bad = [
      put("Dataplane", "web", dataplaneSpec, { labels: west }),
      put("Dataplane", "b", { networking: { address: 7 } }, { labels: east }),
      put("TrafficRoute", "c", {}, { labels: east }),
      put("Dataplane", "d", dataplaneSpec),
    ];
    const error = await bench.admission.prepare(bad, { source: "zone" }).catch((caught: unknown) => caught);
    expect((error as ValidationFailed).violations).toEqual([
      { request: 0, path: "name", message: 'the name is taken by a resource of zone "east"' },
      { request: 1, path: "networking.address", message: "must be of type string, not number: put it in quotes" },
      { request: 2, path: "type", message: "zones do not send TrafficRoute resources" },
      { request: 3, path: "labels", message: "must say where it comes from: kuma.io/origin and kuma.io/zone" },
    ]);
  });
});

describe("a batch", () => {
  it("names every mistake of every document, and writes nothing", async () => {
    const bench = setUp();
    expect(
      await refuse(bench, put("Mesh", "a"), put("Mesh", "a"), put("Dataplane", "d", dataplaneSpec), remove("Zone", "none")),
    ).toEqual([
      "Could not process a resource",
      '1 name: Mesh "a" is already written by document 1 of the same batch',
      "2 type: Dataplane belongs to a zone: change it at the control plane of its zone",
      '3 name: Zone "none" does not exist',
    ]);
    expect(await bench.store.revision()).toBe(0);
  });

  it("is one revision, with outcomes in the order of its documents", async () => {
    const bench = setUp();
    await admit(bench, put("Zone", "east", { enabled: true }));
    const { revision, outcomes } = await admit(
      bench,
      put("Zone", "east", { enabled: true }),
      put("Mesh", "m"),
      put("Secret", "s", {}, { mesh: "m" }),
      { ...remove("Zone", "none"), ifExists: true },
    );
    expect([revision, outcomes]).toEqual([2, ["unchanged", "created", "created", "absent"]]);
  });

  it("of one says what it would be told over REST", async () => {
    const bench = setUp();
    await expect(admit(bench, remove("Zone", "none"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(admit(bench, put("Dataplane", "d", dataplaneSpec))).rejects.toMatchObject({ code: "READ_ONLY_KIND" });
    const stale = { ...put("Zone", "z", {}), expect: 7 };
    await expect(admit(bench, stale)).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
