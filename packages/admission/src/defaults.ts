import type { Resource, SecretSpec } from "@meridian/model";
import { type Author, type Change, ConflictError } from "@meridian/store";
import { defaultHostnameGenerators } from "./hostname-generators.ts";
import type { Admission, AdmissionDeps, DefaultOptions } from "./ports.ts";
import { secretNames, secretOf, secretText, serialOf } from "./secrets.ts";

const startUp: Author = { author: "control-plane", message: "defaults at start-up" };
const adminTokenLifetimeMs = 3_650 * 86_400_000;
const maxAttempts = 20;

/** See `Admission.ensureDefaults`. */
export async function ensureDefaultResources(
  deps: AdmissionDeps,
  admit: Admission["admit"],
  options: DefaultOptions,
): Promise<void> {
  await untilSettled(deps, () => missingGlobalSecrets(deps));
  await untilSettled(deps, () => missingOwnZone(deps));
  if (!options.noHostnameGenerators) await untilSettled(deps, () => missingHostnameGenerators(deps));
  if (deps.role === "zone") return;
  if (!options.noDefaultMesh) await ensureDefaultMesh(deps, admit);
  await untilSettled(deps, () => missingTokenKeys(deps));
}

/** A zone lists itself; at a global it is made when the zone connects (reference: multizone.md section 1). */
async function missingOwnZone({ zone, store }: AdmissionDeps): Promise<readonly Change[]> {
  if (zone === undefined) return [];
  const key = { kind: "Zone", mesh: "", name: zone };
  if (await store.get(key)) return [];
  return [{ op: "put", resource: { ...key, labels: {}, spec: { enabled: true } }, expect: "absent" }];
}

async function missingHostnameGenerators(deps: AdmissionDeps): Promise<readonly Change[]> {
  const present = new Set((await deps.store.list("HostnameGenerator")).map(({ name }) => name));
  return defaultHostnameGenerators(deps)
    .filter(({ name }) => !present.has(name))
    .map((resource) => ({ op: "put", resource, expect: "absent" }));
}

/** Writes what is missing; if another replica was faster, looks again. */
async function untilSettled(deps: AdmissionDeps, missing: () => Promise<readonly Change[]>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const changes = await missing();
    if (changes.length === 0) return;
    try {
      await deps.store.commit(changes, startUp);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw error;
    }
  }
}

/** Zone tokens are issued where zones are administered; each control plane has users, and so an admin, of its own. */
async function missingGlobalSecrets(deps: AdmissionDeps): Promise<readonly Change[]> {
  const secrets = await deps.store.list<SecretSpec>("GlobalSecret");
  const changes: Change[] = [];
  if (deps.role !== "zone" && !newestKey(secrets, secretNames.zoneTokenKey)) {
    changes.push(creationOf("", `${secretNames.zoneTokenKey}1`, await deps.pki.generateSigningKey()));
  }
  let userKey = newestKey(secrets, secretNames.userTokenKey);
  if (!userKey) {
    userKey = { serial: 1, pem: await deps.pki.generateSigningKey() };
    changes.push(creationOf("", `${secretNames.userTokenKey}1`, userKey.pem));
  }
  if (!secrets.some(({ name }) => name === secretNames.adminUserToken)) {
    changes.push(creationOf("", secretNames.adminUserToken, await signAdminToken(deps, userKey)));
  }
  return changes;
}

interface SigningKey {
  readonly serial: number;
  readonly pem: string;
}

/** The key with the highest number signs (reference: rest-api.md section 6). */
function newestKey(secrets: readonly Resource<SecretSpec>[], prefix: string): SigningKey | undefined {
  const keys = secrets.flatMap((secret) => {
    const serial = serialOf(secret.name, prefix);
    return serial === undefined ? [] : [{ serial, pem: secretText(secret.spec) }];
  });
  return keys.sort((a, b) => b.serial - a.serial)[0];
}

function signAdminToken({ pki, clock }: AdmissionDeps, { serial, pem }: SigningKey): Promise<string> {
  const claims = { Name: "mesh-system:admin", Groups: ["mesh-system:admin"] };
  return pki.signToken({ key: pem, kid: String(serial), claims, validForMs: adminTokenLifetimeMs, now: new Date(clock.now()) });
}

function creationOf(mesh: string, name: string, text: string): Change {
  return { op: "put", resource: secretOf(mesh, name, text), expect: "absent" };
}

async function ensureDefaultMesh(deps: AdmissionDeps, admit: Admission["admit"]): Promise<void> {
  const key = { kind: "Mesh", mesh: "", name: "default" };
  if (await deps.store.get(key)) return;
  try {
    const resource = { ...key, labels: {}, spec: {} };
    await admit([{ op: "put", resource, expect: "absent" }], startUp, { source: "control-plane" });
  } catch (error) {
    // Another replica made it.
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Meshes that came by another way than admission, such as an import, get their signing key here. */
async function missingTokenKeys(deps: AdmissionDeps): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const mesh of await deps.store.list("Mesh")) {
    const prefix = secretNames.dataplaneTokenKey(mesh.name);
    const candidates = await deps.store.list("Secret", { mesh: mesh.name, namePart: prefix });
    if (candidates.some(({ name }) => serialOf(name, prefix) !== undefined)) continue;
    changes.push(creationOf(mesh.name, `${prefix}1`, await deps.pki.generateSigningKey()));
  }
  return changes;
}
