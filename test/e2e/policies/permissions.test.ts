import { waitFor } from "@meridian/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { meshWithMtls } from "../harness/documents.ts";
import { http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";

let friend: Service;
let stranger: Service;
let api: Service;

/** api in the east; both of its callers in the west, so that each request passes the zone ingress. */
const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls());
  [, api, friend, stranger] = await Promise.all([
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "api" }),
    starting.startService({ zone: "west", service: "friend", calls: ["api"] }),
    starting.startService({ zone: "west", service: "stranger", calls: ["api"] }),
  ]);
  await starting.settled({ east: 2, west: 2 });
});

beforeEach(async () => {
  await allow({ rules: [{ default: { allow: [{ spiffeID: { type: "Prefix", value: "spiffe://default/" } }] } }] });
  await settle(200, 200);
});

async function allow(spec: object): Promise<void> {
  const targetRef = { kind: "MeshSubset", tags: { "kuma.io/service": "api" } };
  await mesh.applyAndConverge({ type: "MeshTrafficPermission", mesh: "default", name: "api", spec: { targetRef, ...spec } });
}

async function statusFor(client: Service): Promise<number> {
  return (await http({ url: `http://${client.to("api")}/` })).status;
}

/** Envoy answers once more by the old rules on each connection that was open already. */
function settle(ofFriend: number, ofStranger: number): Promise<unknown> {
  return waitFor(`friend to get ${ofFriend} and stranger ${ofStranger}`, async () => {
    return (await statusFor(friend)) === ofFriend && (await statusFor(stranger)) === ofStranger;
  });
}

async function shadowDenied(): Promise<number> {
  const stats = await api.sidecar.stats("^http\\..*rbac.*shadow_denied$");
  return [...stats.values()].reduce((total, value) => total + value, 0);
}

describe("MeshTrafficPermission", () => {
  it("from: whoever is not named is refused, across zones too", async () => {
    const from = [{ targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "friend" } }, default: { action: "Allow" } }];
    await allow({ from });
    await settle(200, 403);
  });

  it("rules: a denial beats an allowance, whichever comes first", async () => {
    const spiffeID = { type: "Exact", value: "spiffe://default/stranger" };
    const everybody = { spiffeID: { type: "Prefix", value: "spiffe://default/" } };
    await allow({ rules: [{ default: { allow: [everybody], deny: [{ spiffeID }] } }] });
    await settle(200, 403);
  });

  it.each([
    [
      "from",
      {
        from: [
          { targetRef: { kind: "Mesh" }, default: { action: "Allow" } },
          { targetRef: { kind: "MeshService", name: "stranger" }, default: { action: "AllowWithShadowDeny" } },
        ],
      },
    ],
    [
      "rules",
      {
        rules: [
          {
            default: {
              allow: [{ spiffeID: { type: "Exact", value: "spiffe://default/friend" } }],
              allowWithShadowDeny: [{ spiffeID: { type: "Exact", value: "spiffe://default/stranger" } }],
            },
          },
        ],
      },
    ],
  ])("%s: a denial can be tried out, which counts whom it would refuse, and nobody else", async (_style, spec) => {
    await allow(spec);
    await waitFor("the stranger to be counted", async () => {
      const before = await shadowDenied();
      expect(await statusFor(stranger)).toBe(200);
      return (await shadowDenied()) > before;
    });
    const before = await shadowDenied();
    for (let request = 0; request < 5; request += 1) expect(await statusFor(friend)).toBe(200);
    expect(await shadowDenied()).toBe(before);
  });
});
