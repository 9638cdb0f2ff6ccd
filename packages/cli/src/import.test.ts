import { afterEach, expect, test } from "vitest";
import { peerAddress } from "./import/peer-options.ts";
import { startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { adminToken, type KumaPeer, type PeerKind, startKumaPeer } from "./testing/kuma-peer.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function world(
  kinds: readonly PeerKind[],
  config?: object,
): Promise<{ plane: TestControlPlane; peer: KumaPeer; terminal: TestTerminal }> {
  const plane = await startControlPlane();
  const peer = await startKumaPeer(kinds, config);
  const terminal = await openTerminal(plane.address);
  opened.push(plane, peer, { close: () => terminal.remove() });
  return { plane, peer, terminal };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const global = { labels: { "kuma.io/origin": "global", "kuma.io/mesh": "default" } };
const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
const permission = { targetRef: { kind: "Mesh" }, from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }] };

const kumaKinds: readonly PeerKind[] = [
  { name: "Mesh", path: "meshes", scope: "Global", items: [{ name: "default", mtls }, { name: "payments" }, { name: "shop" }] },
  {
    name: "MeshTrafficPermission",
    path: "meshtrafficpermissions",
    scope: "Mesh",
    items: [
      { mesh: "default", name: "allow-all", kri: "kri_mtp_default___allow-all_", ...global, spec: permission },
      {
        mesh: "default",
        name: "from-east-bcd234",
        labels: { "kuma.io/origin": "zone", "kuma.io/zone": "east", "kuma.io/display-name": "from-east" },
        spec: permission,
      },
      { mesh: "shop", name: "b", spec: permission },
    ],
  },
  {
    name: "TrafficRoute",
    path: "traffic-routes",
    scope: "Mesh",
    items: [
      {
        mesh: "payments",
        name: "canary",
        sources: [{ match: { "kuma.io/service": "*" } }],
        destinations: [{ match: { "kuma.io/service": "backend" } }],
        conf: { destination: { "kuma.io/service": "backend" } },
      },
    ],
  },
  {
    name: "Secret",
    path: "secrets",
    scope: "Mesh",
    items: [
      { mesh: "default", name: "default.ca-builtin-cert-ca-1", data: base64("their certificate") },
      { mesh: "default", name: "default.ca-builtin-key-ca-1", data: base64("their key") },
      { mesh: "default", name: "dataplane-token-signing-key-default-1", data: base64("their signing key") },
    ],
  },
  {
    name: "GlobalSecret",
    path: "globalsecrets",
    scope: "Global",
    items: [
      { name: "admin-user-token", data: base64("token") },
      { name: "envoy-admin-ca", data: base64("ca") },
      { name: "inter-cp-ca", data: base64("ca") },
      { name: "zone-token-signing-key-1", data: base64("their zone key") },
    ],
  },
  { name: "Zone", path: "zones", scope: "Global", items: [{ name: "east", enabled: true }, { name: "west" }] },
  { name: "Dataplane", path: "dataplanes", scope: "Mesh", items: ["a", "b", "c"].map((name) => ({ mesh: "default", name })) },
  { name: "ZoneInsight", path: "zone-insights", scope: "Global", items: [{ name: "east" }] },
  { name: "ZoneIngress", path: "zoneingresses", scope: "Global", items: [] },
  { name: "MeshFuture", path: "meshfutures", scope: "Mesh", items: [{ mesh: "default", name: "x" }] },
];

test("a Kuma control plane is taken over as one revision, with a report, and a second time nothing changes", async () => {
  const { plane, peer, terminal } = await world(kumaKinds);
  const before = await plane.store.revision();
  const imported = await terminal.run("import", "--from", peer.address, "--token", adminToken, "-m", "goodbye Kuma");
  expect(imported).toMatchObject({ exitCode: 0 });
  expect(imported.stdout.replaceAll(peer.address, "KUMA")).toMatchInlineSnapshot(`
    "KIND                   CREATED  UPDATED  UNCHANGED  NOT TAKEN
    Dataplane              0        0        0          3
    GlobalSecret           0        1        1          2
    Mesh                   2        1        0          0
    MeshFuture             0        0        0          1
    MeshTrafficPermission  2        0        0          1
    Secret                 2        1        0          0
    TrafficRoute           1        0        0          0
    Zone                   2        0        0          0
    ZoneInsight            0        0        0          1

    Not taken
      Dataplane (3): lives in a zone: it comes by itself when the zone connects
      GlobalSecret envoy-admin-ca, inter-cp-ca: belongs to that control plane itself
      MeshFuture (1): this control plane does not know the kind
      MeshTrafficPermission default/from-east-bcd234: a copy from zone east: it comes by itself when the zone connects
      ZoneInsight (1): written by control planes, from what they see

    imported 12 resources of KUMA as revision 4
    "
  `);
  expect(imported.stderr).toMatchInlineSnapshot(`
    "Note: MeshTrafficPermission default/allow-all and 1 more: 'from' field is deprecated and will be removed in 3.0, use 'rules' with MeshIdentity (spiffeId) instead
    Note: tokens that this control plane signed with its own default/dataplane-token-signing-key-default-1, zone-token-signing-key-1 are no longer good; theirs are.
    Note: only this control plane has these policies, and they stay: MeshCircuitBreaker default/mesh-circuit-breaker-all-default, MeshRetry default/mesh-retry-all-default, MeshTimeout default/mesh-gateways-timeout-all-default, MeshTimeout default/mesh-timeout-all-default
    "
  `);
  expect(await plane.store.revision()).toBe(before + 1);
  expect(await plane.store.revisionInfo(before + 1)).toMatchObject({ message: "goodbye Kuma" });

  const read = async (kind: string, mesh: string, name: string) => (await plane.store.get({ kind, mesh, name }))?.spec;
  expect(await read("Secret", "default", "default.ca-builtin-cert-ca-1")).toEqual({ data: base64("their certificate") });
  expect(await read("Secret", "default", "dataplane-token-signing-key-default-1")).toEqual({ data: base64("their signing key") });
  expect(await read("Mesh", "", "payments")).toEqual({});
  expect(await plane.store.count("MeshTimeout", { mesh: "payments" })).toBe(0);
  const stored = await plane.store.get({ kind: "MeshTrafficPermission", mesh: "default", name: "allow-all" });
  expect(stored?.labels).toEqual({ "kuma.io/mesh": "default" });

  const again = await terminal.run("import", "--from", peer.address, "--token", adminToken);
  expect(again.stdout).toContain("nothing to change");
  expect(again.exitCode).toBe(0);
  expect(await plane.store.revision()).toBe(before + 1);
  expect(peer.requests.every((request) => request.startsWith("GET "))).toBe(true);
});

test("without an administrator's token the secrets stay behind, and the report says what that means", async () => {
  const { peer, terminal } = await world(kumaKinds);
  const seen = await terminal.run("import", "--from", peer.address, "--dry-run", "-o", "json");
  const report = JSON.parse(seen.stdout);
  expect(report.notTaken).toContainEqual({ kind: "Secret", reason: expect.stringContaining("pass --token of an administrator") });
  expect(report.kinds.find(({ kind }: { kind: string }) => kind === "Secret")).toEqual({
    kind: "Secret",
    created: 0,
    updated: 0,
    unchanged: 0,
  });
  expect(report.notes.join()).toContain("the certificate authority of default (ca-1) does not come along");
  expect(report).not.toHaveProperty("revision");
});

test("a dry run writes nothing and says what an import would do", async () => {
  const { plane, peer, terminal } = await world(kumaKinds);
  const before = await plane.store.revision();
  const seen = await terminal.run("import", "--from", peer.address, "--token", adminToken, "--dry-run");
  expect(seen.stdout).toContain(`of ${peer.address} (dry run)`);
  expect(await plane.store.revision()).toBe(before);
});

test("what is refused is named, with its mistakes, and only left behind on request", async () => {
  const bad = { mesh: "shop", name: "bad", spec: { targetRef: { kind: "Nonsense" } } };
  const kinds = kumaKinds.map((kind) =>
    kind.name === "MeshTrafficPermission" ? { ...kind, items: [...kind.items, bad] } : kind,
  );
  const { plane, peer, terminal } = await world(kinds);
  const before = await plane.store.revision();
  const refused = await terminal.run("import", "--from", peer.address, "--token", adminToken);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("1 resource is refused; nothing was imported");
  expect(refused.stderr).toMatch(/MeshTrafficPermission shop\/bad: not valid here: .*spec\.targetRef\.kind/);
  expect(await plane.store.revision()).toBe(before);

  const rest = await terminal.run("import", "--from", peer.address, "--token", adminToken, "--skip-invalid");
  expect(rest.exitCode).toBe(0);
  expect(rest.stdout).toMatch(/MeshTrafficPermission shop\/bad: not valid here: .*spec\.targetRef\.kind/);
  expect(await plane.store.revision()).toBe(before + 1);
});

test("what kumactl export prints can be imported, from a file or standard input", async () => {
  const { plane, terminal } = await world([]);
  const text = `type: Mesh
name: payments
mtls: {enabledBackend: ca-1, skipValidation: true, backends: [{name: ca-1, type: builtin}]}
---
type: Secret
mesh: payments
name: payments.ca-builtin-cert-ca-1
data: ${base64("certificate")}
---
type: Secret
mesh: payments
name: payments.ca-builtin-key-ca-1
data: ${base64("key")}
---
apiVersion: kuma.io/v1alpha1
kind: MeshTrafficPermission
metadata:
  name: everyone
  namespace: kuma-system
  labels: {kuma.io/mesh: payments, kuma.io/origin: zone, kuma.io/zone: default, k8s.kuma.io/namespace: kuma-system}
spec: ${JSON.stringify(permission)}
---
type: Dataplane
mesh: payments
name: web-1
networking: {address: 10.0.0.1}
`;
  const imported = await terminal.runWith({ stdin: async () => text }, "import", "--from-file", "-");
  expect(imported.stdout).toContain("imported 4 resources of standard input as revision");
  expect(imported.stdout).toContain("Dataplane (1): lives in a zone");
  const stored = await plane.store.get({ kind: "MeshTrafficPermission", mesh: "payments", name: "everyone" });
  expect(stored?.labels).toEqual({ "kuma.io/mesh": "payments" });
  const file = await terminal.write("export.yaml", text);
  const again = await terminal.run("import", "--from-file", file);
  expect(again.stdout).toContain("nothing to change: everything that can be taken from");
  expect((await terminal.runWith({ stdin: async () => "a: 1\n" }, "import", "--from-file", "-")).stderr).toContain(
    "stdin:1 is no resource",
  );
});

test("one Meridian is imported into another: the same resources, the same keys", async () => {
  const info = { product: "Meridian", version: "0.1.0", hostname: "host", instanceId: "host-0002", clusterId: "other" };
  const other = await startControlPlane({ info });
  const { plane, terminal } = await world([]);
  const admin = await openTerminal(other.address);
  opened.push(other, { close: () => admin.remove() });
  const text = kumaKinds
    .filter(({ name }) => ["Mesh", "TrafficRoute", "Zone"].includes(name))
    .flatMap(({ name: type, items }) => items.map((item) => JSON.stringify({ type, ...item })))
    .join("\n---\n");
  expect(await admin.runWith({ stdin: async () => text }, "apply", "-f", "-")).toMatchObject({ exitCode: 0 });

  expect(await terminal.run("import", "--from", other.address)).toMatchObject({ exitCode: 0 });
  for (const kind of ["Mesh", "TrafficRoute", "Zone", "Secret", "GlobalSecret"]) {
    const here = await plane.store.list(kind);
    const there = await other.store.list(kind);
    expect(here.map(({ mesh, name, labels }) => ({ mesh, name, labels }))).toEqual(
      there.map(({ mesh, name, labels }) => ({ mesh, name, labels })),
    );
    expect(here.map(({ spec }) => spec)).toEqual(there.map(({ spec }) => spec));
  }
  expect((await terminal.run("import", "--from", other.address)).stdout).toContain("nothing to change");
  const itself = await terminal.run("import", "--from", plane.address);
  expect(itself.stderr).toContain("is the control plane that you would import into");
});

test("a federated zone is no source, and a standalone control plane's own resources are no copies", async () => {
  const { peer, terminal } = await world(kumaKinds, {
    mode: "zone",
    multizone: { zone: { name: "east", globalAddress: "grpcs://g:5685" } },
  });
  const refused = await terminal.run("import", "--from", peer.address);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("is the control plane of zone east: it holds copies only");
  expect(refused.stderr).toContain("grpcs://g:5685");

  const alone = await world(kumaKinds, { mode: "zone", multizone: { zone: { name: "default", globalAddress: "" } } });
  const taken = await alone.terminal.run("import", "--from", alone.peer.address, "-o", "name");
  expect(taken.stdout).toContain("MeshTrafficPermission/default/from-east-bcd234");
});

test("addresses get the ports of a Kuma control plane", () => {
  expect(peerAddress("http://kuma")).toBe("http://kuma:5681");
  expect(peerAddress("kuma.example.com")).toBe("http://kuma.example.com:5681");
  expect(peerAddress("https://kuma/")).toBe("https://kuma:5682");
  expect(peerAddress("https://kuma:443")).toBe("https://kuma");
  expect(peerAddress("https://example.com/kuma/")).toBe("https://example.com/kuma");
  for (const bad of ["ftp://kuma", "", "http://", "http://me:secret@kuma"]) {
    expect(() => peerAddress(bad)).toThrow(expect.not.stringContaining("secret") as unknown as string);
  }
});

test("exactly one source is named", async () => {
  const { terminal } = await world([]);
  expect((await terminal.run("import")).exitCode).toBe(2);
  expect((await terminal.run("import", "--from", "http://x", "--from-file", "y")).exitCode).toBe(2);
});
