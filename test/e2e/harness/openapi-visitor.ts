import type { ControlPlane } from "./control-plane.ts";

interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, { readonly get?: { readonly parameters?: readonly Parameter[] } }>>;
}

interface Item {
  readonly name?: string;
  readonly kri?: string;
}

/** Of one list, so many are asked for one by one. */
const itemsOfEach = 6;

/** What an operation cannot be asked without; several: it is asked in each way. */
const queries: Readonly<Record<string, readonly string[]>> = {
  "/diff": ["?from=1"],
  "/changes": ["?after=0&size=1000"],
  "/convergence": ["", "?everyZone=true"],
  "/meshes/{mesh}/_explain": ["?from=web&to=backend", "?from=web&to=nobody", "?from=edge&to=backend&path=/x&method=GET"],
  "/meshes/{mesh}/dataplanes/{name}/_config": ["", "?shadow=true&include=diff"],
};

/**
 * Sends every GET of a control plane's document, with the names of everything that is there in its paths.
 * @returns by path of the document: the statuses that came
 */
export async function visitEverything(
  plane: ControlPlane,
  { paths }: OpenApiDocument,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const visitor = new Visitor(plane);
  const visits = new Map<string, Set<number>>();
  for (const [template, { get }] of Object.entries(paths)) {
    if (!get) continue;
    const names = new Set((get.parameters ?? []).map(({ $ref, name }) => name ?? $ref?.split("/").at(-1)));
    const statuses = new Set<number>();
    for (const path of await visitor.filled(template)) {
      for (const query of queries[template] ?? ["", ...(names.has("format") ? ["?format=kubernetes"] : [])]) {
        statuses.add((await plane.call(path + query, { timeoutMs: 20_000 })).status);
      }
    }
    visits.set(template, statuses);
  }
  return visits;
}

/** Knows what stands for a parameter, by what the control plane itself lists. */
class Visitor {
  readonly #plane: ControlPlane;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** Every path that a template stands for; none when there is nothing to name. */
  async filled(template: string): Promise<readonly string[]> {
    let paths: readonly string[] = [""];
    for (const segment of template.split("/").slice(1)) {
      const longer: string[] = [];
      for (const path of paths) {
        const values = segment.startsWith("{") ? await this.#values(segment, path) : [segment];
        longer.push(...values.map((value) => `${path}/${value}`));
      }
      paths = longer;
    }
    return paths;
  }

  /** @param path what stands before the parameter */
  async #values(parameter: string, path: string): Promise<readonly string[]> {
    if (parameter === "{mesh}") return ["default"];
    if (parameter === "{revision}") return [String((await this.#plane.client.convergence()).revision)];
    if (parameter === "{name}") return (await this.#items(path)).map(({ name = "" }) => name).slice(0, itemsOfEach);
    if (path.endsWith("/_kri")) return this.#kris();
    const kris = (items: readonly Item[] = []): readonly string[] => items.map(({ kri = "" }) => kri);
    if (parameter === "{routeKri}") {
      const { routes } = (await this.#answer(path)) as { readonly routes: readonly { readonly rules: readonly Item[] }[] };
      return routes.flatMap(({ rules }) => kris(rules));
    }
    const at = path.lastIndexOf("/");
    const layout = (await this.#answer(`${path.slice(0, at)}/_layout`)) as Readonly<Record<string, readonly Item[]>>;
    return kris(layout[path.slice(at + 2)]);
  }

  async #kris(): Promise<readonly string[]> {
    const kinds = await this.#plane.client.kinds();
    const lists = await Promise.all(
      kinds.map(({ scope, path }) => this.#items(scope === "Mesh" ? `/meshes/default/${path}` : `/${path}`)),
    );
    return lists.flatMap((items) => items.flatMap(({ kri }) => (kri ? [kri] : [])).slice(0, itemsOfEach));
  }

  async #items(path: string): Promise<readonly Item[]> {
    return ((await this.#answer(path)) as { readonly items?: readonly Item[] }).items ?? [];
  }

  #answer(path: string): Promise<unknown> {
    const answer = this.#answers.get(path) ?? this.#plane.json(path);
    this.#answers.set(path, answer);
    return answer;
  }
}
