import { type Author, ConflictError, UnavailableError } from "@meridian/store";
import { BatchView } from "./batch-view.ts";
import { ensureDefaultResources } from "./defaults.ts";
import { deletesOfMesh } from "./delete.ts";
import type { Admission, AdmissionDeps, Admitted, Prepared, PrepareOptions, WriteRequest } from "./ports.ts";
import { judgeBatch, prepareBatch } from "./prepare.ts";

/** Each conflict means that another writer got through, so this bounds a bug, not contention. */
const maxAttempts = 100;

export function createAdmission(deps: AdmissionDeps): Admission {
  const prepare: Admission["prepare"] = (requests, options = {}) => prepareBatch(deps, requests, options);

  async function commit(prepared: Prepared, author: Author): Promise<Admitted> {
    let current = prepared;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await deps.store.commit(current.changes, author);
        await sweepUp(deps, current, author);
        const outcomes = result.outcomes.slice(0, current.requests.length);
        return { revision: result.revision, outcomes, warnings: current.warnings };
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === maxAttempts) throw error;
        current = await prepare(prepared.requests, prepared.options);
      }
    }
  }

  async function admit(requests: readonly WriteRequest[], author: Author, options: PrepareOptions = {}): Promise<Admitted> {
    return commit(await prepare(requests, options), author);
  }

  return {
    prepare,
    judge: (requests) => judgeBatch(deps, requests),
    commit,
    admit,
    ensureDefaults: (options = {}) => ensureDefaultResources(deps, admit, options),
  };
}

/**
 * After the fact: insights of what is gone, and what slipped into a mesh between its judgement and its deletion. The write itself is
 * durable already, so a database that goes away now must not make it look failed; what stays behind hurts nobody.
 */
async function sweepUp(deps: AdmissionDeps, prepared: Prepared, author: Author): Promise<void> {
  try {
    if (prepared.staleStatus.length > 0) await deps.store.deleteStatus(prepared.staleStatus);
    for (const mesh of prepared.deletedMeshes) await sweepMesh(mesh, deps, author);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}

async function sweepMesh(mesh: string, deps: AdmissionDeps, author: Author): Promise<void> {
  const isBack = await deps.store.get({ kind: "Mesh", mesh: "", name: mesh });
  if (isBack) return;
  const leftovers = await deletesOfMesh(mesh, deps, new BatchView(deps.store, []));
  if (leftovers.length > 0) await deps.store.commit(leftovers, author);
}
