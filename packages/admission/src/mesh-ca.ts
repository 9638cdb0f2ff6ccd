import {
  at,
  type DataSource,
  type MeshSpec,
  type MtlsBackend,
  parseLifetime,
  type SecretSpec,
  type Violation,
} from "@meridian/model";
import type { Change } from "@meridian/store";
import type { BatchView } from "./batch-view.ts";
import type { AdmissionDeps } from "./ports.ts";
import { secretNames, secretOf, secretText } from "./secrets.ts";

const defaultCaLifetimeMs = 10 * 365 * 86_400_000;

/** Switching CAs under live mTLS would break every connection. Source: resources-legacy.md section 16 ("update"). */
export function checkMtlsUpdate(stored: MeshSpec | undefined, spec: MeshSpec): readonly Violation[] {
  const was = stored?.mtls?.enabledBackend;
  const becomes = spec.mtls?.enabledBackend;
  if (!was || !becomes || was === becomes) return [];
  const message = "Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA";
  return [{ path: "mtls.enabledBackend", message }];
}

/** Loads and inspects every provided CA, from secrets of the store or of the same batch. */
export async function checkProvidedCas(
  mesh: string,
  spec: MeshSpec,
  view: BatchView,
  deps: AdmissionDeps,
): Promise<readonly Violation[]> {
  if (spec.mtls?.skipValidation) return [];
  const violations: Violation[] = [];
  for (const [index, backend] of (spec.mtls?.backends ?? []).entries()) {
    if (backend.type !== "provided") continue;
    const path = `${at("mtls.backends", index)}.conf`;
    const cert = await loadSource(mesh, backend.conf?.cert, view, deps);
    const key = await loadSource(mesh, backend.conf?.key, view, deps);
    if (cert.problem !== undefined) violations.push({ path: `${path}.cert`, message: cert.problem });
    if (key.problem !== undefined) violations.push({ path: `${path}.key`, message: key.problem });
    if (cert.text === undefined || key.text === undefined) continue;
    const problems = await deps.pki.inspectCa(cert.text, key.text, new Date(deps.clock.now()));
    violations.push(...problems.map((message) => ({ path: `${path}.cert`, message })));
  }
  return violations;
}

interface LoadedSource {
  readonly text?: string;
  readonly problem?: string;
}

async function loadSource(
  mesh: string,
  source: DataSource | undefined,
  view: BatchView,
  deps: AdmissionDeps,
): Promise<LoadedSource> {
  if (source?.inlineString !== undefined) return { text: source.inlineString };
  if (source?.inline !== undefined) return { text: Buffer.from(source.inline, "base64").toString("utf8") };
  if (source?.secret !== undefined) {
    const secret = await view.resulting<SecretSpec>({ kind: "Secret", mesh, name: source.secret });
    if (secret) return { text: secretText(secret.spec) };
    return { problem: `could not load data: resource not found: type="Secret" name="${source.secret}" mesh="${mesh}"` };
  }
  if (source?.file === undefined) return { problem: "has to be defined" };
  if (!deps.readFile) return { problem: "could not load data: this control plane reads no files, use a secret" };
  try {
    return { text: await deps.readFile(source.file) };
  } catch {
    // The reason could tell a user about files of the machine that are not theirs.
    return { problem: `could not load data: file "${source.file}" cannot be read` };
  }
}

export interface CaSecrets {
  readonly changes: readonly Change[];
  readonly violations: readonly Violation[];
}

/** The secrets of each builtin CA that does not have them yet. An existing CA is never replaced. */
export async function makeBuiltinCas(mesh: string, spec: MeshSpec, view: BatchView, deps: AdmissionDeps): Promise<CaSecrets> {
  const changes: Change[] = [];
  const violations: Violation[] = [];
  for (const [index, backend] of (spec.mtls?.backends ?? []).entries()) {
    if (backend.type !== "builtin") continue;
    const certName = secretNames.caCert(mesh, backend.name);
    const keyName = secretNames.caKey(mesh, backend.name);
    const cert = await view.resulting({ kind: "Secret", mesh, name: certName });
    const key = await view.resulting({ kind: "Secret", mesh, name: keyName });
    if (cert && key) continue;
    if (cert || key) {
      const [present, missing] = cert ? [certName, keyName] : [keyName, certName];
      const message = `Secret "${present}" exists but "${missing}" does not: restore it, or delete both to get a new CA`;
      violations.push({ path: `${at("mtls.backends", index)}.conf`, message });
      continue;
    }
    const ca = await deps.pki.generateCa(caOptions(mesh, backend, new Date(deps.clock.now())));
    changes.push(
      { op: "put", resource: secretOf(mesh, certName, ca.certPem), expect: "absent" },
      { op: "put", resource: secretOf(mesh, keyName, ca.keyPem), expect: "absent" },
    );
  }
  return { changes, violations };
}

function caOptions(mesh: string, { conf }: MtlsBackend, now: Date) {
  const { RSAbits, expiration } = conf?.caCert ?? {};
  return {
    commonName: mesh,
    spiffeId: `spiffe://${mesh}`,
    ...(RSAbits && { rsaBits: RSAbits }),
    validForMs: (expiration && parseLifetime(expiration)) || defaultCaLifetimeMs,
    now,
  };
}
