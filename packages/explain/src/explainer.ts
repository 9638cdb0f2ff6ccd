import { setImmediate } from "node:timers/promises";
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
/** Who asks once often asks again. */
const keptForMs = 60_000;

/** A mesh at one revision. */
interface Held {
  readonly mesh: string;
  readonly worlds: Worlds;
}

/**
 * Answers from what the control plane holds now. What the last question has loaded serves the next one of the same mesh while nothing is
 * written; else one costs a look at every resource of the mesh, in steps between which others run. One question at a time.
 */
export function createExplainer(options: ExplainerOptions): Pick<Explainer, "explain"> {
  return new Explainer(options);
}

class Explainer {
  readonly #options: ExplainerOptions;
  #held: Held | undefined;
  #cooling: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  /** @throws what the store throws. */
  explain(request: ExplainRequest): Promise<Explanation> {
    const explained = this.#last.then(() => this.#explain(request));
    this.#last = explained.catch(() => undefined);
    return explained;
  }

  async #explain(request: ExplainRequest): Promise<Explanation> {
    clearTimeout(this.#cooling);
    const worlds = await this.#worldsOf(request.mesh);
    let explained = explain(worlds, request);
    while (await inSteps(worlds.load())) explained = explain(worlds, request);
    this.#held = { mesh: request.mesh, worlds };
    this.#cooling = setTimeout(() => {
      this.#held = undefined;
    }, keptForMs).unref();
    return explained;
  }

  async #worldsOf(mesh: string): Promise<Worlds> {
    const held = this.#held;
    this.#held = undefined;
    if (held?.mesh === mesh && held.worlds.revision === (await this.#options.store.revision())) return held.worlds;
    return new Worlds({ ...(await this.#readConsistently(mesh)), zones: this.#options.zones });
  }

  async #readConsistently(mesh: string): Promise<{ readonly revision: Revision; readonly resources: readonly Resource[] }> {
    const { store } = this.#options;
    for (let reads = 1; ; reads++) {
      const revision = await store.revision();
      const resources = await this.#read(mesh);
      if (reads === maxReads || (await store.revision()) === revision) return { revision, resources };
    }
  }

  async #read(mesh: string): Promise<readonly Resource[]> {
    const { store, kinds } = this.#options;
    const lists: (readonly Resource[])[] = [];
    for (const kind of kinds) lists.push(await store.list(kind, { mesh }), await store.list(kind, { mesh: "" }));
    return lists.flat().filter(({ kind, name }) => kind !== "Mesh" || name === mesh);
  }
}

async function inSteps<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}
