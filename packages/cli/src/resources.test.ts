import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;

const shop = `type: Mesh
name: shop
mtls: {enabledBackend: ca-1, backends: [{name: ca-1, type: builtin}]}
routing: {zoneEgress: true}
skipCreatingInitialPolicies: ["*"]
---
type: MeshTimeout
mesh: shop
name: slow
labels: {kuma.io/origin: global}
spec:
  targetRef: {kind: Dataplane, labels: {app: web}}
  to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 2s}}]
---
type: ExternalService
mesh: shop
name: bank
tags: {kuma.io/service: bank, kuma.io/protocol: http}
networking: {address: "bank.example.com:443"}
---
type: Zone
name: east
`;

beforeAll(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
  expect(await apply(shop)).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  await terminal.remove();
  await plane.close();
});

const apply = (text: string) => terminal.runWith({ stdin: async () => text }, "apply", "-f", "-");
const withoutAge = (table: string): string => table.replace(/ +(AGE|\d+d)$/gm, "");

test("tables show what matters of a kind", async () => {
  const tableOf = async (...args: readonly string[]) => withoutAge((await terminal.run("get", ...args)).stdout);
  expect(await tableOf("meshes")).toMatchInlineSnapshot(`
    "NAME     mTLS          METRICS  LOGGING  TRACING  LOCALITY  ZONEEGRESS
    default  off           off      off      off      off       off
    shop     builtin/ca-1  off      off      off      off       on
    "
  `);
  expect(await tableOf("meshtimeouts", "-m", "shop")).toMatchInlineSnapshot(`
    "MESH  NAME  TARGET             APPLIED
    shop  slow  Dataplane app=web  no proxy
    "
  `);
  expect(await tableOf("external-services", "-m", "shop")).toMatchInlineSnapshot(`
    "MESH  NAME  TAGS                                        ADDRESS
    shop  bank  kuma.io/protocol=http kuma.io/service=bank  bank.example.com:443
    "
  `);
  expect(await tableOf("zones")).toMatchInlineSnapshot(`
    "NAME  ENABLED
    east  yes
    "
  `);
});

test("get all shows every kind of a mesh, and can be applied again", async () => {
  const all = await terminal.run("get", "all", "-m", "shop", "-o", "name");
  expect(all.stdout.split("\n")).toEqual([
    "ExternalService/bank",
    "MeshTimeout/slow",
    "Secret/dataplane-token-signing-key-shop-1",
    "Secret/shop.ca-builtin-cert-ca-1",
    "Secret/shop.ca-builtin-key-ca-1",
    "",
  ]);
  const yaml = (await terminal.run("get", "all", "-A", "-o", "yaml")).stdout;
  const again = await apply(yaml);
  expect(again.exitCode).toBe(0);
  expect(again.stdout).not.toMatch(/created|updated/);
});

test("a name that does not exist is answered with one that is near", async () => {
  const missing = await terminal.run("get", "mt", "slwo", "-m", "shop");
  expect(missing).toMatchObject({ exitCode: 1, stdout: "" });
  expect(missing.stderr).toBe("Error: there is no MeshTimeout shop/slwo\nDid you mean slow?\n");
  const far = await terminal.run("delete", "mt", "entirely-different", "-m", "shop");
  expect(far.stderr).toContain("See what there is: meridian get meshtimeouts -m shop");
  expect((await terminal.run("aply")).stderr).toContain("Did you mean apply?");
});

test("delete -f deletes what files name, in one revision, and again nothing", async () => {
  const text =
    "type: MeshTimeout\nmesh: shop\nname: gone-1\nspec: {to: [{targetRef: {kind: Mesh}, default: {idleTimeout: 9s}}]}\n";
  const both = `${text}---\n${text.replace("gone-1", "gone-2")}`;
  await apply(both);
  const stdin = async (): Promise<string> => both;
  const before = await plane.store.revision();
  const rehearsed = await terminal.runWith({ stdin }, "delete", "-f", "-", "--dry-run");
  expect(rehearsed.stdout).toBe("MeshTimeout shop/gone-1 deleted (dry run)\nMeshTimeout shop/gone-2 deleted (dry run)\n");
  expect(await plane.store.revision()).toBe(before);
  const deleted = await terminal.runWith({ stdin }, "delete", "-f", "-", "--message", "no longer");
  expect(deleted).toMatchObject({ exitCode: 0, stdout: "MeshTimeout shop/gone-1 deleted\nMeshTimeout shop/gone-2 deleted\n" });
  expect(await plane.store.revision()).toBe(before + 1);
  expect(await plane.store.revisionInfo(before + 1)).toMatchObject({ message: "no longer" });
  const again = await terminal.runWith({ stdin }, "delete", "-f", "-");
  expect(again.stdout).toBe("MeshTimeout shop/gone-1 absent\nMeshTimeout shop/gone-2 absent\n");
  expect((await terminal.run("delete")).exitCode).toBe(2);
  expect((await terminal.run("delete", "mt", "x", "-f", "y")).exitCode).toBe(2);
});

test("a deletion by name can be rehearsed and have a message, too", async () => {
  await apply("type: MeshTimeout\nmesh: shop\nname: kept\nspec: {to: [{targetRef: {kind: Mesh}, default: {idleTimeout: 9s}}]}\n");
  const before = await plane.store.revision();
  const rehearsed = await terminal.run("delete", "mt", "kept", "-m", "shop", "--dry-run", "--wait");
  expect(rehearsed).toMatchObject({ exitCode: 0, stdout: "MeshTimeout shop/kept deleted (dry run)\n" });
  expect(await plane.store.revision()).toBe(before);
  const absent = await terminal.run("delete", "mt", "kpet", "-m", "shop", "--dry-run");
  expect(absent).toMatchObject({ exitCode: 1, stderr: "Error: there is no MeshTimeout shop/kpet\nDid you mean kept?\n" });
  const deleted = await terminal.run("delete", "mt", "kept", "-m", "shop", "--message", "no longer");
  expect(deleted).toMatchObject({ exitCode: 0, stdout: "MeshTimeout shop/kept deleted\n" });
  expect(await plane.store.revisionInfo(before + 1)).toMatchObject({ message: "no longer" });
});

test("an export of everything makes another control plane the same", async () => {
  const exported = await terminal.run("export", "--profile", "all", "-a");
  expect(exported).toMatchObject({ exitCode: 0, stderr: "" });
  const other = await startControlPlane();
  const admin = await openTerminal(other.address);
  try {
    const applied = await admin.runWith({ stdin: async () => exported.stdout }, "apply", "-f", "-");
    expect(applied).toMatchObject({ exitCode: 0 });
    expect((await admin.run("export", "--profile", "all", "-a")).stdout).toBe(exported.stdout);
    const kubernetes = await terminal.run("export", "--profile", "all", "-a", "--format", "kubernetes");
    const again = await admin.runWith({ stdin: async () => kubernetes.stdout }, "apply", "-f", "-");
    expect(again.exitCode).toBe(0);
    expect((await admin.run("export", "--profile", "all", "-a")).stdout).toBe(exported.stdout);
  } finally {
    await admin.remove();
    await other.close();
  }
});

test("an export for a federation is in order, with provided CAs, and without what is this control plane's own", async () => {
  const exported = await terminal.run("export", "--profile", "federation-with-policies");
  const documents = parseAllDocuments(exported.stdout).map((document) => document.toJS());
  const kinds = documents.map(({ type }) => type);
  expect([...new Set(kinds)].slice(0, 2)).toEqual(["Mesh", "Secret"]);
  expect(documents.at(-1)).toMatchObject({ type: "GlobalSecret", name: "user-token-signing-key-1" });
  expect(documents.find(({ name }) => name === "shop")).toEqual({
    type: "Mesh",
    name: "shop",
    mtls: {
      enabledBackend: "ca-1",
      backends: [
        {
          name: "ca-1",
          type: "provided",
          conf: { cert: { secret: "shop.ca-builtin-cert-ca-1" }, key: { secret: "shop.ca-builtin-key-ca-1" } },
        },
      ],
      skipValidation: true,
    },
    routing: { zoneEgress: true },
    skipCreatingInitialPolicies: ["*"],
  });
  expect(documents.find(({ name }) => name === "slow").labels).not.toHaveProperty("kuma.io/origin");
  expect(kinds).not.toContain("Zone");
  const plain = parseAllDocuments((await terminal.run("export")).stdout).map((document) => document.toJS().type);
  expect(plain).not.toContain("MeshTimeout");
  expect(plain).toContain("ExternalService");
  expect((await terminal.run("export", "--profile", "all")).stdout).not.toContain("type: Secret");
  const [mesh = ""] = (await terminal.run("export", "--format", "kubernetes")).stdout.split("---\n");
  expect(parse(mesh)).toMatchObject({
    kind: "Mesh",
    metadata: { name: "default" },
    spec: { skipCreatingInitialPolicies: ["*"] },
  });
});

test("an export for a federation leaves out what zones bring themselves", async () => {
  const ofZone = { type: "HostnameGenerator", name: "local-hash", labels: { "kuma.io/origin": "zone", "kuma.io/zone": "east" } };
  const spec = { selector: { meshService: {} }, template: "{{ .DisplayName }}.mesh" };
  const resource = { kind: "HostnameGenerator", mesh: "", name: ofZone.name, labels: ofZone.labels, spec };
  await plane.store.commit([{ op: "put", resource }], { author: "zone:east" });
  expect((await terminal.run("export")).stdout).not.toContain("local-hash");
  expect((await terminal.run("export", "--profile", "all")).stdout).toContain("local-hash");
  await plane.store.commit([{ op: "delete", key: { kind: "HostnameGenerator", mesh: "", name: ofZone.name } }], {
    author: "zone:east",
  });
});

test("an export without the right to read secrets fails, and says how it would work", async () => {
  const fetch: typeof globalThis.fetch = (url, init) =>
    globalThis.fetch(url, { ...init, headers: { ...init?.headers, "x-forwarded-for": "192.0.2.7" } });
  const refused = await terminal.runWith({ fetch }, "export");
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("--profile all without --include-admin");
  expect((await terminal.runWith({ fetch }, "export", "--profile", "all")).exitCode).toBe(0);
  const all = await terminal.runWith({ fetch }, "get", "all", "-A");
  expect(all.stderr).toBe("Not shown, for you may not read them: GlobalSecret, Secret\n");
});
