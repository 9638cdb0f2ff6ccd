import { describe, expect, it } from "vitest";
import { addressesOf, nameSettings } from "./name-settings.ts";

const values = {
  dnsCidr: nameSettings.dnsCidr.default,
  dnsDomain: nameSettings.dnsDomain.default,
  dnsServicePort: nameSettings.dnsServicePort.default,
  meshServiceCidr: nameSettings.meshServiceCidr.default,
  meshExternalServiceCidr: nameSettings.meshExternalServiceCidr.default,
  meshMultiZoneServiceCidr: nameSettings.meshMultiZoneServiceCidr.default,
};

describe("networks", () => {
  it("have no address in common, as they are", () => {
    expect(addressesOf(values).names).toEqual({ domain: "mesh", port: 80, network: "240.0.0.0/8" });
  });

  it("that have addresses in common are told apart before anything starts", () => {
    const overlapping = "--dns-cidr 240.0.0.0/4 and --mesh-service-cidr 241.0.0.0/8 have addresses in common";
    expect(() => addressesOf({ ...values, dnsCidr: "240.0.0.0/4" })).toThrow(overlapping);
    expect(() => addressesOf({ ...values, meshExternalServiceCidr: "243.7.0.0/16" })).toThrow("243.7.0.0/16");
  });

  it.each(["240.0.0.0", "::/8", "x"])("are not written %s", (text) => {
    expect(() => nameSettings.dnsCidr.type.parse(text)).toThrow();
  });
});

it("the port of services is one", () => {
  const { parse } = nameSettings.dnsServicePort.type;
  expect(parse("8080")).toBe(8080);
  for (const text of ["0", "65536", "http"]) expect(() => parse(text)).toThrow();
});
