import { CommandFailure } from "../failure.ts";

export type Document = Readonly<Record<string, unknown>>;

/** A resource of the other control plane, in whichever shape it came. */
export interface Candidate {
  readonly kind: string;
  /** "" for kinds of global scope. */
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly document: Document;
  readonly shape: "universal" | "kubernetes";
}

const secretKinds: Readonly<Record<string, string>> = {
  "system.kuma.io/secret": "Secret",
  "system.kuma.io/global-secret": "GlobalSecret",
};
const meshLabel = "kuma.io/mesh";

/**
 * Reads as much of a document as is needed to judge it; everything else is the control plane's to check. @param place where it stands,
 * for the refusal. @throws CommandFailure when it is no resource at all
 */
export function readCandidate(document: unknown, place: string): Candidate {
  const candidate = isObject(document) ? (fromUniversal(document) ?? fromKubernetes(document)) : undefined;
  if (candidate) return candidate;
  throw new CommandFailure(`${place} is no resource: it has no type (or kind) and name`, {
    hint: "The output of `kumactl export` was expected, in either format.",
  });
}

function fromUniversal(document: Document): Candidate | undefined {
  const { type, mesh = "", name, labels } = document;
  if ("apiVersion" in document || typeof type !== "string" || typeof name !== "string" || typeof mesh !== "string") {
    return undefined;
  }
  return { kind: type, mesh, name, labels: textsOf(labels), document, shape: "universal" };
}

function fromKubernetes(document: Document): Candidate | undefined {
  const { kind, type, mesh, metadata } = document;
  if (typeof kind !== "string" || !isObject(metadata) || typeof metadata["name"] !== "string") return undefined;
  const labels = textsOf(metadata["labels"]);
  const own = kind === "Secret" ? secretKinds[String(type)] : kind;
  if (own === undefined) return undefined;
  const ownMesh = typeof mesh === "string" ? mesh : (labels[meshLabel] ?? "");
  return { kind: own, mesh: ownMesh, name: metadata["name"], labels, document, shape: "kubernetes" };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
