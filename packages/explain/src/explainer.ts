import type { Resource, Revision } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import { explain } from "./explain.ts";
import type { ExplainRequest, Explanation } from "./types.ts";
import { Worlds } from "./worlds/worlds.ts";
import type { Zones } from "./worlds/zones.ts";

export interface ExplainerOptions {
  readonly store: Pick<ResourceReader, "revision" | "list">;
  /** Kinds that shape configs or say which zones there are. */
  readonly kinds: readonly string[];
  readonly zones: Zones;
}

/** Reads that meet a write are read again, so often; then what is there is good enough, as of the older revision. */
const maxReads = 3;

/**
 * Answers from what the control plane holds now. Nothing is kept between questions: one costs a look at every resource of the mesh, and
 * generating the configs of the proxies on the way. For people, not for loops.
 */
export function createExplainer({ store, kinds, zones }: ExplainerOptions) {
  const read = async (mesh: string): Promise<readonly Resource[]> => {
    const lists: (readonly Resource[])[] = [];
    for (const kind of kinds) lists.push(await store.list(kind, { mesh }), await store.list(kind, { mesh: "" }));
    return lists.flat().filter(({ kind, name }) => kind !== "Mesh" || name === mesh);
  };
  const readConsistently = async (mesh: string): Promise<{ revision: Revision; resources: readonly Resource[] }> => {
    for (let reads = 1; ; reads++) {
      const revision = await store.revision();
      const resources = await read(mesh);
      if (reads === maxReads || (await store.revision()) === revision) return { revision, resources };
    }
  };
  return {
    /** @throws what the store throws. */
    async explain(request: ExplainRequest): Promise<Explanation> {
      return explain(new Worlds({ ...(await readConsistently(request.mesh)), zones }), request);
    },
  };
}

export type Explainer = ReturnType<typeof createExplainer>;
