import { describe, expect, it } from "vitest";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (matches: string, mode = "Matched") =>
  `{type: MeshPassthrough, mesh: default, name: p, spec: {default: {passthroughMode: ${mode}, appendMatch: [${matches}]}}}`;
const at = (index: number) => `spec.default.appendMatch[${index}]`;

describe("refuses", () => {
  it.each([
    ["{type: Host, value: a}", [`${at(0)}.type: in body should be one of [Domain IP CIDR]`]],
    ["{type: IP}", [`${at(0)}.value: in body is required`]],
    [
      "{type: IP, value: 1.2.3.4, protocol: kafka}",
      [`${at(0)}.protocol: in body should be one of [tcp tls grpc http http2 mysql]`],
    ],
    ["{type: IP, value: 1.2.3.4, port: 0}", [`${at(0)}.port: port must be a valid (1-65535)`]],
    ["{type: IP, value: 1.2.3.4, port: 65536}", [`${at(0)}.port: port must be a valid (1-65535)`]],
    ["{type: IP, value: example.com}", [`${at(0)}.value: provided IP has incorrect value`]],
    ["{type: CIDR, value: 1.2.3.4}", [`${at(0)}.value: provided CIDR has incorrect value`]],
    ["{type: CIDR, value: 1.2.3.4/33}", [`${at(0)}.value: provided CIDR has incorrect value`]],
    ["{type: IP, value: 1.2.3.4, protocol: mysql}", [`${at(0)}.port: port must be defined for Mysql protocol`]],
    ["{type: Domain, value: a.b, port: 1}", [`${at(0)}.protocol: protocol tcp is not supported for a domain`]],
    ["{type: Domain, value: a.b, port: 1, protocol: mysql}", [`${at(0)}.protocol: protocol mysql is not supported for a domain`]],
    ["{type: Domain, value: 1.2.3.4, port: 1, protocol: tls}", [`${at(0)}.value: provided DNS has incorrect value`]],
    [
      "{type: Domain, value: '*w.example.com', port: 1, protocol: http2}",
      [`${at(0)}.value: provided DNS has incorrect value, partial wildcard is currently not supported`],
    ],
    ["{type: Domain, value: 'a.*.com', port: 1, protocol: tls}", [`${at(0)}.value: provided DNS has incorrect value`]],
    [
      "{type: Domain, value: '*.a.b', protocol: http}",
      [`${at(0)}.port: wildcard domains doesn't work for all ports and layer 7 protocol`],
    ],
    [
      "{type: Domain, value: a.b, port: 80, protocol: http}, {type: Domain, value: a.b, port: 80, protocol: grpc}",
      [
        `${at(1)}.port: using the same port in multiple matches requires the same protocol for the following protocols: [grpc http http2]`,
      ],
    ],
    [
      "{type: Domain, value: a.b, port: 80, protocol: http}, {type: Domain, value: a.b, port: 80, protocol: http}",
      [`${at(1)}.value: value a.b is already defiend for this port and protocol`],
    ],
  ])("%s", (matches, expected) => {
    expect(violationsOf(document(matches))).toEqual(expected);
  });

  it("references to services and gateways", () => {
    expect(
      violationsOf("{type: MeshPassthrough, mesh: default, name: p, spec: {targetRef: {kind: MeshGateway, name: a}}}"),
    ).toEqual(["spec.targetRef.kind: value 'MeshGateway' is not supported"]);
  });
});

it.each([
  "",
  "{type: Domain, value: '*.a.b', protocol: tls}",
  "{type: Domain, value: a.b, protocol: http}",
  "{type: IP, value: '::1', port: 3306, protocol: mysql}",
  "{type: CIDR, value: '2001:db8::/32', protocol: http}",
  "{type: IP, value: 1.2.3.4, port: 80, protocol: tls}, {type: Domain, value: a.b, port: 80, protocol: http}",
])("takes %s", (matches) => {
  expect(violationsOf(document(matches))).toEqual([]);
});

it("speaks TCP by default, and warns of matches that have no effect", () => {
  const [policy] = policiesFrom(document("{type: IP, value: 1.2.3.4}"));
  expect(policy?.spec).toMatchObject({ default: { appendMatch: [{ protocol: "tcp" }] } });
  expect(warningsOf(document("{type: IP, value: 1.2.3.4}", "None"))[0]).toBe(
    "'appendMatch' has no effect with passthroughMode None",
  );
});
