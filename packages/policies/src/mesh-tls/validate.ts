import type { Violation } from "@meridian/model";
import { validateRuleItems, validateTargetedItems, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { MeshTlsSpec, TlsConf, TlsVersion } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshTls(spec: MeshTlsSpec): readonly Violation[] {
  const isForMesh = topLevelRef(spec).kind === "Mesh";
  const validateConf = (path: string, conf: TlsConf) => [
    ...(isForMesh ? [] : refuseParameters(path, conf)),
    ...validateVersions(`${path}.tlsVersion`, conf.tlsVersion),
  ];
  return [
    ...validateTopLevelRef(spec, ["Mesh", "MeshSubset", "Dataplane"]),
    ...(spec.rules?.length && spec.from?.length
      ? [{ path: "spec", message: "field 'from' must be empty when 'rules' is defined" }]
      : []),
    ...validateTargetedItems("spec.from", spec.from, { refs: { kinds: ["Mesh"] }, validateConf }),
    ...validateRuleItems("spec.rules", spec.rules, validateConf),
  ];
}

/** Clients and servers of the whole mesh must agree on them. */
function refuseParameters(path: string, { tlsCiphers = [], tlsVersion }: TlsConf): readonly Violation[] {
  const fields = [...(tlsCiphers.length > 0 ? ["tlsCiphers"] : []), ...(tlsVersion ? ["tlsVersion"] : [])];
  return fields.map((field) => ({
    path: `${path}.${field}`,
    message: `${field} can only be defined with top level targetRef kind: Mesh`,
  }));
}

/** TLSAuto is whatever Envoy makes of it. */
function validateVersions(path: string, version: TlsConf["tlsVersion"]): readonly Violation[] {
  const { min = "TLSAuto", max = "TLSAuto" } = version ?? {};
  if (min === "TLSAuto" || max === "TLSAuto" || order.indexOf(min) <= order.indexOf(max)) return [];
  return [{ path: `${path}.min`, message: "min version must be lower than max" }];
}

const order: readonly TlsVersion[] = ["TLS10", "TLS11", "TLS12", "TLS13"];
