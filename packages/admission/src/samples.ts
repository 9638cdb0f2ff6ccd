import { createHash } from "node:crypto";
import type { Clock } from "@meridian/base";
import { coreKinds, createKindRegistry, type KindDefinition, type ResourceInput } from "@meridian/model";
import { createMemoryStore } from "@meridian/store";
import { createAdmission } from "./admission.ts";
import type { AdmissionDeps, PkiPort } from "./ports.ts";

/** Shared by this package's tests only. */
export const clock: Clock = { now: () => Date.UTC(2026, 0, 2) };
export const tester = { author: "tester" };

/** Keys are the one random thing here, so these stand in for them: each differs, and says what it was made of. */
export function samplePki(): PkiPort & { readonly made: string[] } {
  const made: string[] = [];
  const make = (what: string): string => {
    made.push(what);
    return `${what} #${made.length}`;
  };
  return {
    made,
    generateCa: async (options) => ({ certPem: make(`cert ${JSON.stringify(options)}`), keyPem: make("ca key") }),
    inspectCa: (cert, key) => (cert === "good cert" && key === "good key" ? [] : ["not a valid TLS key pair: they differ"]),
    generateSigningKey: async () => make("signing key"),
    signToken: async (options) => `token of ${createHash("sha256").update(options.key).digest("hex")} kid ${options.kid}`,
  };
}

/** A spec kind that zones write too, as most policies are. */
const sampleRoute: KindDefinition = {
  ...(coreKinds.find(({ kind }) => kind === "Secret") as KindDefinition),
  kind: "MeshHTTPRoute",
  path: "meshhttproutes",
  style: "spec",
  category: "policy",
  sync: { globalToZone: true, zoneToGlobal: true, zoneToZone: true },
  schema: { type: "object" } as unknown as KindDefinition["schema"],
};
const sampleLegacyPolicy: KindDefinition = {
  ...sampleRoute,
  kind: "TrafficRoute",
  path: "traffic-routes",
  style: "legacy",
  sync: { globalToZone: true },
};

export const kinds = createKindRegistry([...coreKinds, sampleRoute, sampleLegacyPolicy]);

export function setUp(overrides: Partial<AdmissionDeps> = {}) {
  const store = createMemoryStore({ clock });
  const pki = samplePki();
  const deps: AdmissionDeps = { store, kinds, role: "global", env: "universal", clock, pki, ...overrides };
  return { store, pki, deps, admission: createAdmission(deps) };
}

export function put(
  kind: string,
  name: string,
  spec: unknown = {},
  options: { mesh?: string; labels?: Record<string, string> } = {},
) {
  const mesh = kinds.get(kind)?.scope === "global" ? "" : (options.mesh ?? "default");
  const resource: ResourceInput = { kind, mesh, name, labels: options.labels ?? {}, spec };
  return { op: "put", resource } as const;
}

export function remove(kind: string, name: string, mesh = "") {
  return { op: "delete", key: { kind, mesh, name } } as const;
}

export const dataplaneSpec = { networking: { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] } };
export const builtinMtls = { mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] } };
