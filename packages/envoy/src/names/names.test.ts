import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultRouteMatches,
  egressLocality,
  httpRouteName,
  inboundListenerName,
  isEgressLocality,
  outboundClusterName,
  outboundListenerName,
  serviceClusterName,
} from "./names.ts";
import { hashSni, kriSni, parseTagSni, tagSni } from "./sni.ts";
import { altStatName, statName } from "./stat-name.ts";

describe("names", () => {
  it("agree with the peer's (dataplane-protocol.md section 7)", () => {
    expect(outboundClusterName({ "kuma.io/service": "web", version: "v1" })).toBe("web-6f1fc0cf75151de8");
    expect(outboundClusterName({ version: "v1", "kuma.io/service": "backend" })).toBe("backend-154693772bc47249");
    expect(outboundClusterName({ "kuma.io/service": "backend" })).toBe("backend");
    const web = { mesh: "default", name: "web", namespace: "", zone: "east", port: 8080 };
    expect(serviceClusterName({ kind: "MeshService", ...web })).toBe("default_web__east_msvc_8080");
    expect(serviceClusterName({ kind: "MeshMultiZoneService", ...web, zone: "" })).toBe("default_web___mzsvc_8080");
    expect(httpRouteName(defaultRouteMatches)).toBe("9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo=");
    expect(httpRouteName([{ path: { type: "PathPrefix", value: "/" } }])).toBe(httpRouteName(defaultRouteMatches));
  });

  it("tell what is behind an egress from zones", () => {
    expect(isEgressLocality(egressLocality("10.0.0.8"))).toBe(true);
    expect(egressLocality("10.0.0.8")).not.toBe(egressLocality("10.0.0.9"));
    expect(isEgressLocality("east")).toBe(false);
  });

  it("put brackets around IPv6 addresses", () => {
    expect(inboundListenerName("10.0.0.1", 80)).toBe("inbound:10.0.0.1:80");
    expect(outboundListenerName("::1", 80)).toBe("outbound:[::1]:80");
  });

  it("are cleaned for metrics", () => {
    expect(statName("localhost:8080")).toBe("localhost_8080");
    expect(altStatName("web")).toEqual({});
    expect(altStatName("default:web")).toEqual({ altStatName: "default_web" });
  });
});

describe("SNI", () => {
  it("agrees with the peer's (multizone.md section 4)", () => {
    expect(tagSni({ "kuma.io/service": "backend" }, "default")).toBe("backend{mesh=default}");
    expect(tagSni({ "kuma.io/service": "backend", version: "v1" }, "default")).toBe("backend{mesh=default,version=v1}");
    expect(tagSni({ "kuma.io/service": "backend" })).toBe("backend");
    expect(hashSni({ kind: "MeshService", name: "web", mesh: "ex", port: 80 })).toBe("a4a7618cea1faee80.web.80.ex.ms");
    expect(hashSni({ kind: "MeshExternalService", name: "extsvc1", mesh: "ex", port: 9000 })).toBe(
      "a6ffa309452a2da64.extsvc1.9000.ex.mes",
    );
    expect(hashSni({ kind: "MeshMultiZoneService", name: "backend", mesh: "demo", port: 8080 })).toBe(
      "ae10a8071b8a8eeb8.backend.8080.demo.mzms",
    );
    expect(kriSni({ kind: "msvc", mesh: "ex", zone: "default", name: "web", section: "http" })).toBe(
      "sni.msvc.ex.default.web.http",
    );
    expect(kriSni({ kind: "msvc", mesh: "ex", name: "Web", section: "http" })).toBeUndefined();
  });

  it("cuts long names and keeps them apart by the hash", () => {
    const long = "n".repeat(70);
    expect(hashSni({ kind: "MeshService", name: long, mesh: "m", port: 1 })).toContain(`.${"n".repeat(62)}x.1.m.ms`);
  });

  it("parses what it built", () => {
    const word = fc.stringMatching(/^[a-z0-9._/-]{1,12}$/);
    fc.assert(
      fc.property(word, word, fc.dictionary(word, word), (service, mesh, more) => {
        const { mesh: _, "kuma.io/service": __, ...tags } = more;
        expect(parseTagSni(tagSni({ ...tags, "kuma.io/service": service }, mesh))).toEqual({
          ...tags,
          mesh,
          "kuma.io/service": service,
        });
      }),
    );
    expect(parseTagSni("{mesh=x}")).toBeUndefined();
    expect(parseTagSni("a{b}")).toBeUndefined();
  });
});
