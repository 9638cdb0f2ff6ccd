import { edsCluster } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { having } from "../core/effects/effect.ts";
import { shapeSecurity } from "../core/effects/shape-inbound.ts";
import { shapeCluster } from "../core/effects/shape-outbound.ts";
import { inboundEffects, outboundEffects } from "../effects.ts";
import { inbound, outbound, policiesFrom, proxy, readBack, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshTLS, mesh: default, name: p, spec: ${spec}}`;
const rule = (conf: string, ref = "{kind: Mesh}") => document(`{targetRef: ${ref}, rules: [{default: ${conf}}]}`);
const at = "spec.rules[0].default";

describe("validation", () => {
  it.each([
    [document("{from: [{targetRef: {kind: Mesh}}], rules: [{}]}"), ["spec: field 'from' must be empty when 'rules' is defined"]],
    [rule("{}", "{kind: MeshService, name: a}"), ["spec.targetRef.kind: value 'MeshService' is not supported"]],
    [document("{from: [{targetRef: {kind: MeshSubset}}]}"), ["spec.from[0].targetRef.kind: value 'MeshSubset' is not supported"]],
    [rule("{mode: STRICT}"), [`${at}.mode: in body should be one of [Permissive Strict]`]],
    [rule("{tlsVersion: {min: TLS9}}"), [`${at}.tlsVersion.min: in body should be one of [TLSAuto TLS10 TLS11 TLS12 TLS13]`]],
    [
      rule("{tlsCiphers: [NULL-MD5]}"),
      [
        `${at}.tlsCiphers[0]: in body should be one of [ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305]`,
      ],
    ],
    [rule("{tlsVersion: {min: TLS13, max: TLS12}}"), [`${at}.tlsVersion.min: min version must be lower than max`]],
    [
      rule("{tlsVersion: {min: TLS12}, tlsCiphers: [ECDHE-RSA-AES128-GCM-SHA256]}", "{kind: Dataplane, labels: {a: b}}"),
      ["tlsCiphers", "tlsVersion"].map(
        (field) => `${at}.${field}: ${field} can only be defined with top level targetRef kind: Mesh`,
      ),
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    document("{}"),
    rule("{tlsVersion: {min: TLS13}}"),
    rule("{tlsVersion: {min: TLS12, max: TLS12}}"),
    rule("{mode: Permissive, tlsCiphers: []}", "{kind: Dataplane, sectionName: http}"),
    rule("{mode: Permissive}", "{kind: MeshSubset, tags: {a: b}}"),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("fills in the other end of the range", () => {
  const [policy] = policiesFrom(rule("{tlsVersion: {min: TLS12}}"));
  if (!policy) throw new Error("a policy expected");
  expect(policy.spec).toMatchObject({ rules: [{ default: { tlsVersion: { min: "TLS12", max: "TLSAuto" } } }] });
  expect(readBack(policy)?.spec).toEqual(policy.spec);
});

it("warns of `from`", () => {
  expect(warningsOf(document("{from: [{targetRef: {kind: Mesh}, default: {mode: Strict}}]}"))).toContain(
    "'from' field is deprecated, use 'rules' instead",
  );
});

describe("TLS", () => {
  const parameters = "{tlsVersion: {min: TLS12, max: TLS13}, tlsCiphers: [ECDHE-RSA-AES128-GCM-SHA256]}";
  const envoyParameters = {
    tlsMinimumProtocolVersion: "TLSv1_2",
    tlsMaximumProtocolVersion: "TLSv1_3",
    cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256"],
  };
  const world = { name: "default", zone: "east", mesh: {}, list: () => [] };
  const security = (...documents: readonly string[]) => {
    const policies = policiesFrom(documents.join("\n---\n"));
    const effects = inboundEffects({ subject: proxy(), inbound: inbound("web"), world }, (kind) =>
      kind === "MeshTLS" ? policies : [],
    );
    const target = {
      mesh: "default",
      zone: "east",
      service: "web",
      tags: {},
      protocol: "http",
      address: "::1",
      port: 1,
    } as const;
    return shapeSecurity({ mode: "STRICT" }, effects, target);
  };
  const cluster = (...documents: readonly string[]) => {
    const policies = policiesFrom(documents.join("\n---\n"));
    const effects = outboundEffects({ subject: proxy(), outbound: outbound("db"), routes: [], world }, (kind) =>
      kind === "MeshTLS" ? policies : [],
    );
    const tls = { mesh: "default", sni: "db", serverIds: ["spiffe://default/db"] };
    const target = { mesh: "default", zone: "east", service: "db", tags: {}, protocol: "tcp" } as const;
    return shapeCluster(edsCluster({ name: "db", tls }), having(effects, "cluster"), target);
  };

  it("of an inbound: the mode of the mesh unless a policy has one, the stronger policy's where several do", () => {
    expect(security()).toEqual({ mode: "STRICT" });
    expect(security(rule("{mode: Permissive}"))).toEqual({ mode: "PERMISSIVE" });
    expect(security(rule("{mode: Permissive}", "{kind: Dataplane, name: web-1}"), rule("{mode: Strict}"))).toEqual({
      mode: "PERMISSIVE",
    });
    expect(security(rule(parameters))).toEqual({ mode: "STRICT", tlsParams: envoyParameters });
  });

  it("takes suites without a version", () => {
    expect(security(rule("{tlsCiphers: [ECDHE-RSA-AES128-GCM-SHA256]}")).tlsParams).toEqual({
      cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256"],
    });
  });

  it("of an outbound: the same versions and suites", () => {
    expect(cluster(rule(parameters))).toMatchObject({
      transportSocket: { typedConfig: { commonTlsContext: { tlsParams: envoyParameters, combinedValidationContext: {} } } },
    });
    expect(cluster(rule("{mode: Permissive}"))).toEqual(cluster());
  });
});
