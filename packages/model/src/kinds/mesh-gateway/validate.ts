import type { Unchecked } from "../../fragments.ts";
import { type Tags, tagNames } from "../../labels.ts";
import { isDomainName, validatePort } from "../../rules/network.ts";
import { validateMatch, validateSelectors } from "../../rules/tags.ts";
import { at, type Violation } from "../../violation.ts";
import type { MeshGatewaySpec, UncheckedListener } from "./schema.ts";
import { validateSharedPorts } from "./shared-ports.ts";

/** Source of rules and words: resources-legacy.md section 14. */
export function validateMeshGateway(spec: Unchecked<MeshGatewaySpec>): readonly Violation[] {
  const { conf } = spec;
  const listeners = conf?.listeners ?? [];
  const selectors = (spec.selectors ?? []) as readonly { readonly match?: Tags }[];
  const violations: Violation[] = [...validateSelectors("selectors", selectors, { requireService: true })];
  if (selectors.length > 1 && listeners.some(({ crossMesh }) => crossMesh)) {
    violations.push({ path: at("selectors", 1), message: "there can be at most one selector" });
  }
  violations.push(...validateOwnTags("tags", spec.tags as Tags | undefined));
  if (!conf) return [...violations, { path: "conf", message: "cannot be empty" }];
  if (listeners.length === 0) violations.push({ path: "conf.listeners", message: "cannot be empty" });
  return [
    ...violations,
    ...listeners.flatMap((listener, index) => validateListener(at("conf.listeners", index), listener)),
    ...validateSharedPorts("conf.listeners", listeners),
  ];
}

/** These say what a proxy is; a gateway's tags only come on top of them. */
const reservedTags: readonly string[] = ["kuma.io/external-service-name", tagNames.protocol, tagNames.service, tagNames.zone];

function validateOwnTags(path: string, tags: Tags = {}): readonly Violation[] {
  const reserved = reservedTags
    .filter((key) => Object.hasOwn(tags, key))
    .map((key) => ({ path: at(path, key), message: `tag name must not be "${key}"` }));
  return [...validateMatch(path, tags, { requireTag: false }), ...reserved];
}

function validateListener(path: string, listener: UncheckedListener): readonly Violation[] {
  return [
    ...validateHostname(`${path}.hostname`, listener.hostname ?? ""),
    ...validatePort(`${path}.port`, listener.port),
    ...validateProtocol(path, listener),
    ...validateTls(`${path}.tls`, listener),
    ...validateOwnTags(`${path}.tags`, listener.tags as Tags | undefined),
  ];
}

/** Nothing and `*` mean every host. */
function validateHostname(path: string, hostname: string): readonly Violation[] {
  if (hostname === "" || hostname === "*") return [];
  if (hostname.length > 253) return [{ path, message: "must be at most 253 characters" }];
  if (!hostname.includes("*")) return isDomainName(hostname) ? [] : [{ path, message: "invalid hostname" }];
  const isWildcard = hostname.startsWith("*.") && isDomainName(hostname.slice(2));
  return isWildcard ? [] : [{ path, message: "invalid wildcard domain" }];
}

function validateProtocol(path: string, { protocol = "NONE", crossMesh, tls }: UncheckedListener): readonly Violation[] {
  if (protocol === "NONE") return [{ path: `${path}.protocol`, message: "cannot be empty" }];
  if (protocol !== "HTTPS") return [];
  if (crossMesh) return [{ path: `${path}.protocol`, message: "protocol is not supported with crossMesh" }];
  if (!tls) return [{ path: `${path}.tls`, message: "cannot be empty" }];
  return tls.mode === "PASSTHROUGH" ? [{ path: `${path}.tls.mode`, message: "mode is not supported on HTTPS listeners" }] : [];
}

function validateTls(path: string, { tls, crossMesh }: UncheckedListener): readonly Violation[] {
  if (!tls) return [];
  const { mode = "NONE", certificates = [] } = tls;
  if (crossMesh) {
    const isEmpty = mode === "NONE" && certificates.length === 0;
    return isEmpty ? [] : [{ path, message: "must be empty with crossMesh" }];
  }
  if (mode === "NONE") return [{ path: `${path}.mode`, message: "cannot be empty" }];
  if (mode === "PASSTHROUGH") return [];
  const where = `${path}.certificates`;
  if (certificates.length === 0) return [{ path: where, message: "cannot be empty in TLS termination mode" }];
  return certificates.length > 2 ? [{ path: where, message: "cannot have more than 2 certificates" }] : [];
}
