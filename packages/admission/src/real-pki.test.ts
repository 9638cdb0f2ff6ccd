import type { SecretSpec } from "@meridian/model";
import { generateCa, generateSigningKey, inspectCa, publicKeyPem, signToken, verifyToken } from "@meridian/pki";
import { describe, expect, it } from "vitest";
import { builtinMtls, clock, put, setUp, tester } from "./samples.ts";
import { secretText } from "./secrets.ts";

const pki = { generateCa, inspectCa, generateSigningKey, signToken };

describe("with the real cryptography", () => {
  it("a builtin CA is one that would also be accepted as a provided one", async () => {
    const { store, admission } = setUp({ pki });
    await admission.admit([put("Mesh", "m", builtinMtls)], tester);
    const conf = { cert: { secret: "m.ca-builtin-cert-ca-1" }, key: { secret: "m.ca-builtin-key-ca-1" } };
    const provided = { mtls: { backends: [{ name: "p", type: "provided", conf }] } };
    const { outcomes } = await admission.admit([put("Mesh", "m", provided)], tester);
    expect(outcomes).toEqual(["updated"]);
    const swapped = { mtls: { backends: [{ name: "p", type: "provided", conf: { cert: conf.key, key: conf.cert } }] } };
    await expect(admission.prepare([put("Mesh", "m", swapped)])).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    expect(await store.count("Secret")).toBe(3);
  });

  it("the admin's token is signed with the users' key", async () => {
    const { store, admission } = setUp({ pki });
    await admission.ensureDefaults({ noDefaultMesh: true });
    const read = async (name: string) => {
      const secret = await store.get<SecretSpec>({ kind: "GlobalSecret", mesh: "", name });
      return secretText(secret?.spec ?? {});
    };
    const keys = new Map([["1", publicKeyPem(await read("user-token-signing-key-1"))]]);
    const verdict = await verifyToken(await read("admin-user-token"), { keys, revoked: new Set(), now: new Date(clock.now()) });
    expect(verdict).toMatchObject({ ok: true, claims: { Name: "mesh-system:admin", Groups: ["mesh-system:admin"] } });
  });
});
