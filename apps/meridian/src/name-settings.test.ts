import { describe, expect, it } from "vitest";
import { nameSettings } from "./name-settings.ts";

describe("the network of host names", () => {
  const { parse } = nameSettings.dnsCidr.type;

  it("may be any that no other addresses come from", () => {
    expect(parse("127.9.0.0/16")).toBe("127.9.0.0/16");
    expect(parse(nameSettings.dnsCidr.default)).toBe("240.0.0.0/8");
  });

  it.each(["240.0.0.0/4", "242.7.0.0/16", "240.0.0.0", "::/8", "x"])("is not %s", (text) => {
    expect(() => parse(text)).toThrow();
  });
});

it("the port of services is one", () => {
  const { parse } = nameSettings.dnsServicePort.type;
  expect(parse("8080")).toBe(8080);
  for (const text of ["0", "65536", "http"]) expect(() => parse(text)).toThrow();
});
