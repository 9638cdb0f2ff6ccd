import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument } from "../testing/documents.ts";
import { dataplaneToken, idOf, zoneToken } from "../testing/tokens.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const web = dataplaneDocument("web", { tags: { version: "v1" } });

let zone: TestZone;
beforeAll(async () => {
  zone = await new TestZone({ auth: "token", graceMs: 0 }).start(meshDocument("other"));
});
afterAll(() => zone.stop());

function connect(token: string | readonly string[], document = web) {
  return zone.connect(helloOf(document, { tokens: typeof token === "string" ? [token] : token }));
}

async function refusalOf(token: string | readonly string[], document = web): Promise<string> {
  const refusal = await connect(token, document).then(
    () => undefined,
    (error: { readonly status: { readonly code: string; readonly message: string } }) => error.status,
  );
  expect(refusal?.code).toBe("UNAUTHENTICATED");
  return refusal?.message ?? "";
}

describe("the token of a data plane", () => {
  it("lets it in", async () => {
    const proxy = await connect(await dataplaneToken(zone, { mesh: "default", name: "web", tags: { version: ["v1", "v2"] } }));
    expect(proxy.isOpen).toBe(true);
  });

  it("may come with the word Bearer", async () => {
    const proxy = await connect(`Bearer ${await dataplaneToken(zone, { mesh: "default" })}`);
    expect(proxy.isOpen).toBe(true);
  });

  it("must be there, and the refusal says how to make one", async () => {
    const howTo = "meridian generate dataplane-token --mesh default --name web";
    expect(await refusalOf([])).toContain(howTo);
    expect(await refusalOf("")).toContain(howTo);
  });

  it("must be one", async () => {
    const token = await dataplaneToken(zone, { mesh: "default" });
    expect(await refusalOf([token, token])).toContain("more than one authorization value");
    expect(await refusalOf("rubbish")).toContain("not a JWT");
  });

  it("must be bound to the workload where a MeshIdentity makes the SPIFFE id of it", async () => {
    const spec = { selector: { dataplane: { matchLabels: { team: "a" } } }, provider: { type: "Spire", spire: {} } };
    await zone.put({ type: "MeshIdentity", mesh: "default", name: "by-workload", spec });
    const shop = { ...dataplaneDocument("shop"), labels: { team: "a", "kuma.io/workload": "shop" } };
    const unbound = await dataplaneToken(zone, { mesh: "default" });
    expect(await refusalOf(unbound, shop)).toContain("--workload shop");
    expect(await refusalOf(await dataplaneToken(zone, { mesh: "default", workload: "till" }), shop)).toContain("workload till");
    expect((await connect(await dataplaneToken(zone, { mesh: "default", workload: "shop" }), shop)).isOpen).toBe(true);
    // No identity selects this one.
    expect((await connect(unbound)).isOpen).toBe(true);
  });

  it("must be for this name, these tags and this mesh", async () => {
    expect(await refusalOf(await dataplaneToken(zone, { mesh: "default", name: "api" }))).toContain("for the data plane api");
    const oldVersion = await dataplaneToken(zone, { mesh: "default", tags: { version: ["v0"] } });
    expect(await refusalOf(oldVersion)).toContain("does not allow the tag version=v1");
    const missingTag = await dataplaneToken(zone, { mesh: "default", tags: { team: ["a"] } });
    expect(await refusalOf(missingTag)).toContain("requires the tag team");
    expect(await refusalOf(await dataplaneToken(zone, { mesh: "default", type: "ingress" }))).toContain("proxy of type ingress");
    const otherMesh = await dataplaneToken(zone, { mesh: "other", signedBy: "default" });
    expect(await refusalOf(otherMesh)).toContain("for the mesh other");
  });

  it("must be signed by the key of its mesh", async () => {
    const token = await dataplaneToken(zone, { mesh: "default", signedBy: "other" });
    expect(await refusalOf(token)).toContain("bad signature");
  });

  it("must not have expired", async () => {
    const token = await dataplaneToken(zone, { mesh: "default", now: new Date(Date.now() - 7_200_000), validForMs: 60_000 });
    expect(await refusalOf(token)).toContain("expired");
  });

  it("is refused once it is revoked, and never told again in the refusal", async () => {
    const token = await dataplaneToken(zone, { mesh: "default" });
    await connect(token);
    const data = Buffer.from(`${idOf(token)},another`).toString("base64");
    await zone.feed.reached(
      await zone.put({ type: "Secret", mesh: "default", name: "dataplane-token-revocations-default", data }),
    );
    const reason = await refusalOf(token);
    expect(reason).toContain("revoked");
    expect(reason).not.toContain(token);
  });

  it("is good although another signing key is broken", async () => {
    const data = Buffer.from("no key").toString("base64");
    await zone.feed.reached(
      await zone.put({ type: "Secret", mesh: "default", name: "dataplane-token-signing-key-default-9", data }),
    );
    expect((await connect(await dataplaneToken(zone, { mesh: "default" }))).isOpen).toBe(true);
  });

  it("must be good for the data plane of that name that is there already", async () => {
    const api = dataplaneDocument("api", { tags: { team: "a" } });
    await zone.put(api);
    const stolen = dataplaneDocument("api", { tags: { team: "b" } });
    const token = await dataplaneToken(zone, { mesh: "default", tags: { team: ["b"] } });
    expect(await refusalOf(token, stolen)).toContain(
      "you are trying to override existing proxy to which you don't have an access",
    );
    expect(await zone.store.get({ kind: "Dataplane", mesh: "default", name: "api" })).toMatchObject({
      spec: { networking: { inbound: [{ tags: { team: "a" } }] } },
    });
  });
});

describe("the token of a zone proxy", () => {
  const ingress = ingressDocument("ingress");

  it("must be for this zone and this kind of proxy", async () => {
    expect((await connect(await zoneToken(zone, { zone: "east", scope: ["ingress"] }), ingress)).isOpen).toBe(true);
    expect(await refusalOf(await zoneToken(zone, { zone: "west", scope: ["ingress"] }), ingress)).toContain("for the zone west");
    expect(await refusalOf(await zoneToken(zone, { zone: "east", scope: ["cp"] }), ingress)).toContain("ingress is needed");
    expect(await refusalOf([], ingress)).toContain("meridian generate zone-token --zone east --scope ingress");
    expect(await refusalOf(await dataplaneToken(zone, { mesh: "default" }), ingress)).toContain("bad signature");
  });

  it("is refused once it is revoked", async () => {
    const token = await zoneToken(zone, { zone: "east", scope: ["ingress"] });
    await connect(token, ingress);
    const data = Buffer.from(idOf(token)).toString("base64");
    await zone.feed.reached(await zone.put({ type: "GlobalSecret", name: "zone-token-revocations", data }));
    expect(await refusalOf(token, ingress)).toContain("revoked");
  });
});
