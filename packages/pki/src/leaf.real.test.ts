import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateCa } from "./ca.ts";
import { createLeafIssuer } from "./leaf.ts";

const now = new Date("2026-01-02T03:04:05.678Z");
const dayMs = 24 * 3_600_000;
const uris = ["spiffe://default/web", "kuma://kuma.io/service/web", "kuma://version/v1"];

describe("a leaf certificate", () => {
  it.each([undefined, 2048])("is accepted by openssl (RSA bits of the CA: %s)", async (rsaBits) => {
    const ca = await generateCa({
      commonName: "default",
      spiffeId: "spiffe://default",
      ...(rsaBits && { rsaBits }),
      validForMs: 10 * dayMs,
      now,
    });
    const leaf = await createLeafIssuer(ca).issue({ uris, validForMs: dayMs, now });
    const folder = mkdtempSync(join(tmpdir(), "meridian-pki-"));
    try {
      const [caFile, leafFile] = [join(folder, "ca.pem"), join(folder, "leaf.pem")];
      writeFileSync(caFile, ca.certPem);
      writeFileSync(leafFile, leaf.certPem);
      const at = String(Math.floor(now.getTime() / 1000));
      const args = ["verify", "-x509_strict", "-attime", at, "-CAfile", caFile, leafFile];
      expect(execFileSync("openssl", args, { encoding: "utf8" })).toContain("OK");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
