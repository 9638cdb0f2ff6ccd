import { createPrivateKey } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { checkDataplaneToken, checkZoneToken, dataplaneClaims, userClaims, zoneClaims } from "./claims.ts";
import { generateSigningKey, publicKeyPem } from "./keys.ts";
import { signToken, type VerificationKeys, verifyToken } from "./tokens.ts";

const now = new Date("2026-01-02T03:04:05Z");
const later = (ms: number): Date => new Date(now.getTime() + ms);
const minuteMs = 60_000;

let key: string;
let other: string;
let keys: VerificationKeys;

beforeAll(async () => {
  [key, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  keys = { keys: new Map([["1", publicKeyPem(key)]]), revoked: new Set() };
});

function newToken(fields: object = {}): Promise<string> {
  return signToken({ key, kid: "1", claims: { Name: "web-1" }, validForMs: minuteMs, now, ...fields });
}

describe("signToken", () => {
  it("writes header and claims as the peer does", async () => {
    const token = await newToken({
      claims: dataplaneClaims({ name: "web-1", mesh: "default", tags: { "kuma.io/service": ["web"] } }),
    });
    expect(key).toContain("BEGIN RSA PRIVATE KEY");
    expect(decodeProtectedHeader(token)).toEqual({ alg: "RS256", kid: "1", typ: "JWT" });
    const seconds = now.getTime() / 1000;
    expect(decodeJwt(token)).toEqual({
      Name: "web-1",
      Mesh: "default",
      Tags: { "kuma.io/service": ["web"] },
      Type: "",
      Workload: "",
      exp: seconds + 60,
      nbf: seconds - 5,
      iat: seconds - 5,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
  });
});

describe("verifyToken", () => {
  it("accepts what was signed", async () => {
    const token = await newToken();
    expect(await verifyToken(token, { ...keys, now })).toMatchObject({ ok: true, kid: "1", claims: { Name: "web-1" } });
  });

  it("takes a missing key id for 0", async () => {
    const token = await new SignJWT({ Name: "x" })
      .setProtectedHeader({ alg: "RS256" })
      .setExpirationTime(later(minuteMs))
      .sign(createPrivateKey(key));
    const zero = new Map([["0", publicKeyPem(key)]]);
    expect(await verifyToken(token, { keys: zero, revoked: new Set(), now })).toMatchObject({ ok: true, kid: "0" });
  });

  it("gives a reason that helps, without the token", async () => {
    const token = await newToken();
    const [header, payload, signature] = token.split(".");
    const forged = [header, Buffer.from(JSON.stringify({ Name: "root" })).toString("base64url"), signature].join(".");
    const reasonOf = async (text: string, options: object = {}): Promise<string> => {
      const verdict = await verifyToken(text, { ...keys, now, ...options });
      return verdict.ok ? "ok" : verdict.reason;
    };
    expect(await reasonOf(token, { now: later(2 * minuteMs) })).toBe("the token has expired since 2026-01-02T03:05:05Z");
    expect(await reasonOf(token, { now: later(-minuteMs) })).toBe(
      "the token is not yet valid: it starts at 2026-01-02T03:04:00Z and it is 2026-01-02T03:03:05Z here; check the clocks",
    );
    expect(await reasonOf(await newToken({ kid: "7" }))).toBe('the token was signed with the unknown signing key "7" (known: 1)');
    expect(await reasonOf(await newToken({ key: other }))).toMatch(/bad signature/);
    expect(await reasonOf(forged)).toMatch(/bad signature/);
    expect(await reasonOf("nonsense")).toBe("the token is not a JWT");
    expect(await reasonOf(`${header}.${payload}`)).toBe("the token is not a JWT");
    const { jti = "" } = decodeJwt(token);
    expect(await reasonOf(token, { revoked: new Set([jti]) })).toBe(`the token is revoked (id ${jti})`);
  });

  it("refuses other algorithms", async () => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: "HS256", kid: "1" }).sign(Buffer.from(publicKeyPem(key)));
    const verdict = await verifyToken(token, { ...keys, now });
    expect(verdict.ok).toBe(false);
  });
});

describe("checkDataplaneToken", () => {
  const dataplane = {
    name: "web-1",
    mesh: "default",
    tags: new Map([["kuma.io/service", new Set(["web", "web-admin"])]]),
    workload: undefined,
  };

  it.each([
    [{ mesh: "default" }, undefined],
    [{ mesh: "default", name: "web-1", tags: { "kuma.io/service": ["web", "web-admin", "x"] } }, undefined],
    [{ mesh: "default", name: "web-2" }, "the token is for the data plane web-2, not web-1"],
    [{ mesh: "other" }, "the token is for the mesh other, not default"],
    [
      { mesh: "default", tags: { "kuma.io/service": ["web"] } },
      "the token does not allow the tag kuma.io/service=web-admin (allowed: web)",
    ],
    [{ mesh: "default", tags: { team: ["a"] } }, "the token requires the tag team, which the data plane does not have"],
    [{ mesh: "default", workload: "w" }, "the token is for the workload w, not one without a label kuma.io/workload"],
  ])("%j", (claims, reason) => {
    expect(checkDataplaneToken(dataplaneClaims(claims), dataplane)).toBe(reason);
  });
});

describe("checkZoneToken", () => {
  it("checks zone and scope", () => {
    const claims = zoneClaims({ zone: "east", scope: ["ingress"] });
    expect(checkZoneToken(claims, { zone: "east", scope: "ingress" })).toBeUndefined();
    expect(checkZoneToken(claims, { zone: "east" })).toBeUndefined();
    expect(checkZoneToken(claims, { zone: "west", scope: "ingress" })).toBe("the token is for the zone east, not west");
    expect(checkZoneToken(claims, { zone: "east", scope: "egress" })).toBe("the token's scope is ingress; egress is needed");
    expect(checkZoneToken(userClaims({ name: "a", groups: [] }), { zone: "east", scope: "egress" })).toMatch(/scope is empty/);
  });
});
