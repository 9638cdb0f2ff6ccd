import { describe, expect, it } from "vitest";
import { outsideTls } from "./mesh-external-tls.ts";

const secret = (use: string) => `extsvc_${use}:secret:default:partner`;

function tlsOf(verification: object, { hosts = ["a.example"], hasSystemCa = true, ...more } = {}) {
  return outsideTls({
    mesh: "default",
    name: "partner",
    tls: { enabled: true, verification, ...more },
    hosts,
    systemCa: hasSystemCa ? "/ca.pem" : undefined,
  });
}

describe("TLS to a MeshExternalService", () => {
  it.each([
    ["the host's CAs", {}, { systemCa: "/ca.pem" }],
    ["the user's CA", { caCert: { secret: "ca" } }, { caSecret: secret("ca") }],
  ])("checks name and certificate, by %s", (_, verification, trust) => {
    const serverNames = [{ type: "exact", value: "a.example" }];
    expect(tlsOf(verification)).toEqual([{ host: "a.example", options: { sni: "a.example", ...trust, serverNames } }]);
  });

  it("trusts nobody where there is no CA at all", () => {
    expect(tlsOf({}, { hasSystemCa: false })[0]?.options.caSecret).toBe(secret("ca"));
  });

  it.each([
    ["SkipSAN", { sni: "x", systemCa: "/ca.pem", certificateSecret: secret("cert") }],
    ["SkipCA", { sni: "x", certificateSecret: secret("cert") }],
    ["SkipAll", { sni: "x", certificateSecret: secret("cert") }],
  ])("%s leaves out just that check", (mode, options) => {
    const keys = { clientCert: { secret: "c" }, clientKey: { secret: "k" } };
    expect(tlsOf({ mode, serverName: "x", ...keys })[0]?.options).toEqual(options);
  });

  it("takes any of the names that the user lists", () => {
    const subjectAltNames = [{ value: "b" }, { type: "Prefix", value: "c" }];
    expect(tlsOf({ subjectAltNames })[0]?.options.serverNames).toEqual([
      { type: "exact", value: "a.example" },
      { type: "exact", value: "b" },
      { type: "prefix", value: "c" },
    ]);
  });

  it("asks each address for itself, or all for one name", () => {
    const hosts = ["a.example", "192.0.2.1"];
    expect(tlsOf({}, { hosts }).map(({ host, options }) => [host, options.sni])).toEqual([
      ["a.example", "a.example"],
      ["192.0.2.1", undefined],
    ]);
    expect(tlsOf({ serverName: "x" }, { hosts }).map(({ options }) => options.sni)).toEqual(["x"]);
  });

  it.each([
    [
      { min: "TLS12", max: "TLS13" },
      { tlsMinimumProtocolVersion: "TLSv1_2", tlsMaximumProtocolVersion: "TLSv1_3" },
    ],
    [{ min: "TLS10" }, { tlsMinimumProtocolVersion: "TLSv1_0" }],
    [{ min: "TLSAuto", max: "TLSAuto" }, undefined],
  ])("speaks the versions %j", (version, params) => {
    expect(tlsOf({}, { version } as never)[0]?.options.params).toEqual(params);
  });
});
