import {
  type Admission,
  MeshNotFound,
  ReadOnlyKind,
  ResourceNotFound,
  ValidationFailed,
  type WriteRequest,
} from "@meridian/admission";
import { errorMessage, type Logger } from "@meridian/base";
import { keyText } from "@meridian/model";
import type { Author } from "@meridian/store";

export interface WriteDeps {
  readonly admission: Pick<Admission, "admit">;
  readonly author: Author;
  readonly logger: Logger;
}

const mostPerBatch = 200;

/**
 * Writes generated resources, many as one revision. One that is refused, such as in a mesh that is deleted at this moment, holds up
 * none of the others: it is left out and told of.
 * @returns those that were refused.
 * @throws ConflictError, UnavailableError
 */
export async function writeRequests(requests: readonly WriteRequest[], deps: WriteDeps): Promise<ReadonlySet<WriteRequest>> {
  const refused = new Set<WriteRequest>();
  for (let at = 0; at < requests.length; at += mostPerBatch) {
    for (const request of await writeBatch(requests.slice(at, at + mostPerBatch), deps)) refused.add(request);
  }
  return refused;
}

async function writeBatch(requests: readonly WriteRequest[], deps: WriteDeps): Promise<readonly WriteRequest[]> {
  const [first, ...others] = requests;
  if (!first) return [];
  try {
    await deps.admission.admit(requests, deps.author, { source: "control-plane" });
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (others.length > 0) {
      const refused: WriteRequest[] = [];
      for (const request of requests) refused.push(...(await writeBatch([request], deps)));
      return refused;
    }
    const resource = keyText(first.op === "put" ? first.resource : first.key);
    deps.logger.warn({ resource, reason: errorMessage(error) }, "a generated resource is refused");
    return [first];
  }
}

function isRefusal(error: unknown): boolean {
  return [ValidationFailed, MeshNotFound, ReadOnlyKind, ResourceNotFound].some((refusal) => error instanceof refusal);
}
