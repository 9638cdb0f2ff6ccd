import { isIP } from "node:net";
import { at, isDomainName, type Violation } from "@meridian/model";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshPassthroughSpec, PassthroughMatch } from "./schema.ts";

/** Paths and texts: resources.md sections 7 and 10. */
export function validateMeshPassthrough({ targetRef, default: conf = {} }: MeshPassthroughSpec): readonly Violation[] {
  const kinds = ["Mesh", "MeshSubset", "Dataplane"] as const;
  const matches = conf.appendMatch ?? [];
  return [
    ...(targetRef ? validateTargetRef("spec.targetRef", targetRef, { kinds }) : []),
    ...matches.flatMap((match, index) => {
      const path = at("spec.default.appendMatch", index);
      return [
        ...validatePort(path, match),
        ...validateBeside(path, match, matches.slice(0, index)),
        ...validateValue(path, match),
      ];
    }),
  ];
}

/** Protocols of layer 7: Envoy cannot tell two of them apart on one port. */
const httpFamily: readonly string[] = ["grpc", "http", "http2"];

const protocolOf = ({ protocol }: PassthroughMatch) => protocol ?? "tcp";

function validatePort(path: string, match: PassthroughMatch): readonly Violation[] {
  const { port } = match;
  if (port === undefined) {
    return protocolOf(match) === "mysql" ? [{ path: `${path}.port`, message: "port must be defined for Mysql protocol" }] : [];
  }
  return port >= 1 && port <= 65_535 ? [] : [{ path: `${path}.port`, message: "port must be a valid (1-65535)" }];
}

/** What a match cannot be because of those before it; only matches of the same port meet. */
function validateBeside(path: string, match: PassthroughMatch, before: readonly PassthroughMatch[]): readonly Violation[] {
  const { port, value } = match;
  if (port === undefined) return [];
  const protocol = protocolOf(match);
  const samePort = before.filter((other) => other.port === port);
  const violations: Violation[] = [];
  if (httpFamily.includes(protocol) && samePort.some((other) => isOtherHttp(protocolOf(other), protocol))) {
    const message = `using the same port in multiple matches requires the same protocol for the following protocols: [${httpFamily.join(" ")}]`;
    violations.push({ path: `${path}.port`, message });
  }
  if (samePort.some((other) => other.value === value && protocolOf(other) === protocol)) {
    // The peer's spelling: its tools may look for it.
    violations.push({ path: `${path}.value`, message: `value ${value} is already defiend for this port and protocol` });
  }
  return violations;
}

function isOtherHttp(other: string, protocol: string): boolean {
  return other !== protocol && httpFamily.includes(other);
}

function validateValue(path: string, match: PassthroughMatch): readonly Violation[] {
  switch (match.type) {
    case "IP":
      return isIP(match.value) ? [] : [{ path: `${path}.value`, message: "provided IP has incorrect value" }];
    case "CIDR":
      return isCidr(match.value) ? [] : [{ path: `${path}.value`, message: "provided CIDR has incorrect value" }];
    case "Domain":
      return validateDomain(path, match);
  }
}

function isCidr(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

function validateDomain(path: string, match: PassthroughMatch): readonly Violation[] {
  const { port, value } = match;
  const protocol = protocolOf(match);
  const violations: Violation[] = [];
  if (protocol === "tcp" || protocol === "mysql") {
    violations.push({ path: `${path}.protocol`, message: `protocol ${protocol} is not supported for a domain` });
  }
  if (port === undefined && value.startsWith("*") && httpFamily.includes(protocol)) {
    violations.push({ path: `${path}.port`, message: "wildcard domains doesn't work for all ports and layer 7 protocol" });
  }
  if (/^\*[^.]/.test(value)) {
    const message = "provided DNS has incorrect value, partial wildcard is currently not supported";
    violations.push({ path: `${path}.value`, message });
  } else if (value !== "*" && !isDomainName(value.replace(/^\*\./, ""))) {
    violations.push({ path: `${path}.value`, message: "provided DNS has incorrect value" });
  }
  return violations;
}

export function modeWarnings({ default: conf = {} }: MeshPassthroughSpec): readonly string[] {
  const { passthroughMode: mode, appendMatch = [] } = conf;
  if (appendMatch.length === 0 || (mode !== "All" && mode !== "None")) return [];
  return [`'appendMatch' has no effect with passthroughMode ${mode}`];
}
