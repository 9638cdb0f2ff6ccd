import type { IndexAnswer } from "@meridian/client";
import { labelNames } from "@meridian/model";
import type { Document } from "../import/candidate.ts";
import { isFederation, type Profile } from "./profiles.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Of the control plane itself: another one has its own. */
const ownSecrets: readonly string[] = ["envoy-admin-ca", "inter-cp-ca"];
const computedFields: readonly string[] = ["creationTime", "modificationTime", "kri", "status"];

/**
 * Whether a resource stays out of a profile that its kind is in.
 * @param mode of the control plane: what a global got from its zones, these bring to the next global themselves, under the same names
 */
export function isLeftOut({ kind, name, labels }: LeftOut, profile: Profile, mode: IndexAnswer["mode"]): boolean {
  if (!isFederation(profile)) return false;
  return (kind === "GlobalSecret" && ownSecrets.includes(name)) || (mode === "global" && labels?.[labelNames.origin] === "zone");
}

interface LeftOut {
  readonly kind: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * The document as it is printed. For a federation it can be applied at a global: a builtin CA becomes a provided one that reads the
 * secrets of the builtin, a mesh brings its policies and gets no others, and nothing says where it comes from.
 */
export function exportDocument(document: Document, kind: string, profile: Profile): Document {
  const isKubernetes = "apiVersion" in document;
  const plain = without(document, isKubernetes ? ["status"] : computedFields);
  if (!isFederation(profile)) return isKubernetes ? withMetadata(plain, (metadata) => metadata) : plain;
  const dropOrigin = (fields: Fields): Fields => {
    const labels = without(fields["labels"], [labelNames.origin]);
    return { ...without(fields, ["labels"]), ...(Object.keys(labels).length > 0 && { labels }) };
  };
  if (kind !== "Mesh") return isKubernetes ? withMetadata(plain, dropOrigin) : dropOrigin(plain);
  if (!isKubernetes) return { ...dropOrigin(plain), ...federatedMesh(plain, String(plain["name"])) };
  const { name } = Object(plain["metadata"]) as { readonly name?: unknown };
  const spec = Object(plain["spec"]) as Fields;
  return { ...withMetadata(plain, dropOrigin), spec: { ...spec, ...federatedMesh(spec, String(name)) } };
}

function withMetadata(document: Document, change: (metadata: Fields) => Fields): Document {
  return { ...document, metadata: change(without(document["metadata"], ["creationTimestamp"])) };
}

function federatedMesh(spec: Fields, mesh: string): Fields {
  const mtls = Object(spec["mtls"]) as Fields & { readonly backends?: unknown };
  const backends: readonly unknown[] = Array.isArray(mtls.backends) ? mtls.backends : [];
  const provided = backends.map((backend) => {
    const { type, name, conf: _conf, ...rest } = Object(backend) as Fields;
    if (type !== "builtin") return backend;
    const secretOf = (part: string): Fields => ({ secret: `${mesh}.ca-builtin-${part}-${String(name)}` });
    return { ...rest, name, type: "provided", conf: { cert: secretOf("cert"), key: secretOf("key") } };
  });
  return {
    skipCreatingInitialPolicies: ["*"],
    ...(backends.length > 0 && { mtls: { ...mtls, backends: provided, skipValidation: true } }),
  };
}

function without(fields: unknown, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(Object(fields) as Fields).filter(([name]) => !names.includes(name)));
}
