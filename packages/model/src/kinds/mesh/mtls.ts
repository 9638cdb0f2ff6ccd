import { parseLifetime } from "../../duration.ts";
import type { DataSource, Unchecked } from "../../fragments.ts";
import { at, type Violation } from "../../violation.ts";
import type { MtlsBackend, UncheckedMesh } from "./schema.ts";

/** Rules for `mtls` in the peer's order: the kind's own first, a backend type's only when those pass. */
export function validateMtls(mtls: UncheckedMesh["mtls"]): readonly Violation[] {
  if (!mtls) return [];
  const backends = mtls.backends ?? [];
  const violations: Violation[] = [];
  if (backends.length > 1) violations.push({ path: "mtls.backends", message: "cannot have more than 1 backends" });
  violations.push(...duplicateNames("mtls.backends", backends));
  if (mtls.enabledBackend && !backends.some(({ name }) => name === mtls.enabledBackend)) {
    violations.push({ path: "mtls.enabledBackend", message: "has to be set to one of the backends in the mesh" });
  }
  backends.forEach((backend, index) => {
    const path = at("mtls.backends", index);
    if (backend.dpCert && parseLifetime(backend.dpCert.rotation?.expiration ?? "") === undefined) {
      violations.push({ path: "mtls.dpcert.rotation.expiration", message: "has to be a valid format" });
    }
    if (backend.type !== "builtin" && backend.type !== "provided") {
      violations.push({ path: `${path}.type`, message: "could not find installed plugin for this type" });
    }
  });
  if (violations.length > 0) return violations;
  return backends.flatMap((backend, index) => {
    const path = `${at("mtls.backends", index)}.conf`;
    return backend.type === "builtin" ? validateBuiltin(path, backend) : validateProvided(path, backend);
  });
}

export function duplicateNames(path: string, backends: readonly { readonly name?: string | undefined }[]): readonly Violation[] {
  const seen = new Set<string>();
  return backends.flatMap(({ name = "" }, index) => {
    const isKnown = seen.has(name);
    seen.add(name);
    const message = `"${name}" name is already used for another backend`;
    return isKnown ? [{ path: `${at(path, index)}.name`, message }] : [];
  });
}

const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The backend's name becomes part of the names of the Secrets that hold the CA. */
function validateBuiltin(path: string, { name = "", conf }: Unchecked<MtlsBackend>): readonly Violation[] {
  const violations: Violation[] = [];
  if (!dnsName.test(name)) {
    violations.push({ path: `${path}.mtls.backends.name`, message: `"${name}" name must be valid dns name` });
  }
  const { RSAbits, expiration } = conf?.caCert ?? {};
  if (RSAbits !== undefined && RSAbits !== 0 && (RSAbits < 2048 || RSAbits > 8192)) {
    violations.push({ path: `${path}.caCert.RSAbits`, message: "must be in inclusive range [2048, 8192]" });
  }
  // The peer accepts any text here, answers 500 and stores the Mesh all the same.
  if (expiration && !parseLifetime(expiration)) {
    violations.push({ path: `${path}.caCert.expiration`, message: "has to be a valid format" });
  }
  return violations;
}

function validateProvided(path: string, { conf }: Unchecked<MtlsBackend>): readonly Violation[] {
  return [...validateDataSource(`${path}.cert`, conf?.cert), ...validateDataSource(`${path}.key`, conf?.key)];
}

export function validateDataSource(path: string, source: Unchecked<DataSource> | undefined): readonly Violation[] {
  if (!source) return [{ path, message: "has to be defined" }];
  const defined = Object.values(source).filter((value) => value !== undefined);
  if (defined.length === 1) return [];
  return [{ path, message: "must have exactly one defined: secret, file, inline, inlineString" }];
}
