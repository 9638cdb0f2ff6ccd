import { compareText } from "@meridian/model";
import type { Candidate, Document } from "./candidate.ts";
import { cleanDocument, plainName } from "./clean.ts";
import { type LeftBehind, whyNot } from "./select.ts";
import type { ImportSource } from "./source.ts";

/** One document of the batch, and what it will be called here. */
export interface PlannedDocument {
  readonly kind: string;
  readonly mesh: string;
  readonly name: string;
  readonly document: Document;
}

export interface ImportPlan {
  readonly source: string;
  /** In the order of the batch: meshes, their secrets, then the rest by kind, mesh and name. */
  readonly documents: readonly PlannedDocument[];
  readonly leftBehind: readonly LeftBehind[];
}

const firstKinds: readonly string[] = ["Mesh", "Secret", "GlobalSecret", "Zone"];

/** Decides what is taken. Pure: the same source gives the same batch. */
export function planImport(source: ImportSource): ImportPlan {
  const documents: PlannedDocument[] = [];
  const leftBehind: LeftBehind[] = [...source.leftBehind];
  for (const candidate of [...source.candidates].sort(inBatchOrder)) {
    const { kind, mesh, name } = candidate;
    const reason = whyNot(candidate, source.role);
    if (reason === undefined) documents.push({ kind, mesh, name: plainName(candidate), document: cleanDocument(candidate) });
    else leftBehind.push({ kind, ...(mesh !== "" && { mesh }), name, reason });
  }
  return { source: source.name, documents, leftBehind: leftBehind.sort((a, b) => compareText(a.kind, b.kind)) };
}

function inBatchOrder(a: Candidate, b: Candidate): number {
  const rank = ({ kind }: Candidate): number => firstKinds.indexOf(kind) + 1 || firstKinds.length + 1;
  return rank(a) - rank(b) || compareText(a.kind, b.kind) || compareText(a.mesh, b.mesh) || compareText(a.name, b.name);
}

/**
 * Meshes whose builtin CA does not come along: this control plane would make a new one, which data planes that run now do not trust.
 * Names `mesh (backend)`.
 */
export function meshesWithoutTheirCa(plan: ImportPlan): readonly string[] {
  const secrets = new Set(plan.documents.filter(({ kind }) => kind === "Secret").map(({ mesh, name }) => `${mesh}/${name}`));
  return plan.documents
    .filter(({ kind }) => kind === "Mesh")
    .flatMap(({ name, document }) => {
      const isMissing = (backend: string) =>
        !secrets.has(`${name}/${name}.ca-builtin-cert-${backend}`) || !secrets.has(`${name}/${name}.ca-builtin-key-${backend}`);
      return builtinBackends(document)
        .filter(isMissing)
        .map((backend) => `${name} (${backend})`);
    });
}

function builtinBackends(mesh: Document): readonly string[] {
  const spec = Object(mesh["spec"] ?? mesh) as {
    readonly mtls?: { readonly backends?: readonly { readonly type?: unknown; readonly name?: unknown }[] };
  };
  const backends = spec.mtls?.backends;
  return (Array.isArray(backends) ? backends : []).filter(({ type }) => type === "builtin").map(({ name }) => String(name));
}
