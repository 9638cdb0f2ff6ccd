import type { ConvergenceReport, PolicyStatus, Revision } from "@meridian/model";
import type { ExplainAnswer, ExplainRequest } from "./answers/explain.ts";
import type { DiffAnswer, FeedLine, HistoryAnswer, RollbackAnswer, RollbackRequest } from "./answers/history.ts";
import type { DataplaneOverviewAnswer, ZoneOverviewAnswer } from "./answers/overviews.ts";
import type { PlanAnswer, PlanRequest } from "./answers/plan.ts";
import type {
  ApplyAnswer,
  ApplyRequest,
  IndexAnswer,
  ListAnswer,
  ResourceAnswer,
  ResourceKindAnswer,
} from "./answers/resources.ts";
import { UnexpectedAnswer } from "./errors.ts";
import { readFeed } from "./feed.ts";
import { readEvents } from "./lines.ts";
import { createRequester, type Requester, type RequesterOptions } from "./requester.ts";

export interface ListQuery {
  readonly size?: number;
  readonly offset?: string;
  readonly name?: string;
  /** Data planes and external services: `kuma.io/service:web`, each must match. */
  readonly tag?: readonly string[];
  /** Data planes: `true`, `false`, `builtin`, `delegated`. */
  readonly gateway?: string;
}

/** Where a resource lives: `mesh` only for kinds of mesh scope. */
export interface ResourceAddress {
  readonly path: string;
  readonly mesh?: string;
  readonly name: string;
}

/** Which resources reads of the log are about; `kind` by name or path. */
export interface LogQuery {
  readonly kind?: string;
  readonly mesh?: string;
  readonly name?: string;
}

export interface Client {
  readonly address: string;
  index(): Promise<IndexAnswer>;
  whoAmI(): Promise<{ readonly name: string; readonly groups: readonly string[] }>;
  kinds(): Promise<readonly ResourceKindAnswer[]>;
  /** The settings in force at the control plane, secrets masked: a document of its own shape. */
  config(): Promise<Readonly<Record<string, unknown>>>;
  list(at: { readonly path: string; readonly mesh?: string }, query?: ListQuery): Promise<ListAnswer>;
  /** Every item, page by page as the caller reads on. */
  listAll(at: { readonly path: string; readonly mesh?: string }, query?: ListQuery): AsyncGenerator<ResourceAnswer, void, void>;
  /** Now, or as of a revision. */
  get(at: ResourceAddress, revision?: Revision): Promise<ResourceAnswer>;
  /** As a Kubernetes object. */
  getKubernetes(at: ResourceAddress): Promise<Readonly<Record<string, unknown>>>;
  /** The answer as it comes, of paths that this client has no method for: `/meshes/default/dataplanes/web/stats`. */
  text(path: string): Promise<string>;
  json<T>(path: string): Promise<T>;
  put(at: ResourceAddress, document: unknown): Promise<{ readonly warnings?: readonly string[]; readonly revision: Revision }>;
  delete(at: ResourceAddress): Promise<{ readonly revision: Revision }>;
  apply(request: ApplyRequest): Promise<ApplyAnswer>;
  /** What `apply` of the same would do to the proxies of all zones; writes nothing. */
  plan(request: PlanRequest): Promise<PlanAnswer>;
  /** The way of a request through a mesh, and whoever decides about it. */
  explain(mesh: string, request: ExplainRequest): Promise<ExplainAnswer>;
  zones(query?: ListQuery): Promise<ListAnswer<ZoneOverviewAnswer>>;
  dataplanes(mesh: string | undefined, query?: ListQuery): Promise<ListAnswer<DataplaneOverviewAnswer>>;
  history(query?: LogQuery & { readonly size?: number; readonly before?: Revision }): Promise<HistoryAnswer>;
  diff(query: LogQuery & { readonly from: Revision; readonly to?: Revision; readonly offset?: number }): Promise<DiffAnswer>;
  rollback(request: RollbackRequest): Promise<RollbackAnswer>;
  /**
   * Yields changes after a revision as they are committed, until `signal` aborts. @throws ApiFailure 410 when the log no longer reaches
   * back so far; Unreachable when the connection breaks or falls silent: resume from the last `lastRevision`
   */
  watchChanges(
    query: LogQuery & { readonly after: Revision | "newest" },
    signal: AbortSignal,
  ): AsyncGenerator<FeedLine, void, void>;
  /** Where one policy stands. */
  policyStatus(at: ResourceAddress): Promise<PolicyStatus>;
  /** A page of them. */
  policyStatuses(at: { readonly path: string; readonly mesh?: string }, query?: ListQuery): Promise<ListAnswer<PolicyStatus>>;
  /** Those of every policy of a kind, page by page as the caller reads on. */
  allPolicyStatuses(at: { readonly path: string; readonly mesh?: string }): AsyncGenerator<PolicyStatus, void, void>;
  /** Yields the status at once and after each change, until no proxy has yet to answer or refuses the policy, or `signal` aborts. */
  watchPolicyStatus(at: ResourceAddress, signal: AbortSignal): AsyncGenerator<PolicyStatus, void, void>;
  convergence(revision?: Revision): Promise<ConvergenceReport>;
  /**
   * Yields a report at once and after each change, until the control plane says that it has converged, or `signal` aborts; with
   * `everyZone` not before every enabled zone is heard.
   */
  watchConvergence(
    revision: Revision,
    signal: AbortSignal,
    options?: { readonly everyZone?: boolean },
  ): AsyncGenerator<ConvergenceReport, void, void>;
  /** The token as text. `body` is what the peer's `/tokens/<kind>` takes. */
  token(kind: "dataplane" | "zone" | "user", body: Readonly<Record<string, unknown>>): Promise<string>;
}

/** The REST API of a control plane. Every method throws `ApiFailure`, `Unreachable` or `UnexpectedAnswer`. */
export function createClient(options: RequesterOptions): Client {
  const requester = createRequester(options);
  const { json, text } = requester;
  return {
    address: requester.address,
    index: () => json("GET", "/"),
    whoAmI: () => json("GET", "/who-am-i"),
    kinds: async () => (await json<{ resources: readonly ResourceKindAnswer[] }>("GET", "/_resources")).resources,
    config: () => json("GET", "/config"),
    list: (at, query) => json("GET", withQuery(collectionPath(at), { ...query })),
    listAll: (at, query) => readPages(requester, collectionPath(at), query),
    get: (at, revision) => json("GET", withQuery(itemPath(at), { revision })),
    getKubernetes: (at) => json("GET", `${itemPath(at)}?format=k8s`),
    text: (path) => text("GET", path),
    json: (path) => json("GET", path),
    put: async (at, document) => {
      const { body, revision } = await requester.write<{ warnings?: readonly string[] }>("PUT", itemPath(at), document);
      return { ...body, revision };
    },
    delete: async (at) => ({ revision: (await requester.write("DELETE", itemPath(at))).revision }),
    apply: (request) => json("POST", "/apply", request),
    plan: (request) => json("POST", "/plan", request),
    explain: (mesh, request) => json("POST", `/meshes/${encodeURIComponent(mesh)}/_explain`, request),
    zones: (query) => json("GET", withQuery("/zones/_overview", { ...query })),
    dataplanes: (mesh, query) =>
      json(
        "GET",
        withQuery(`${collectionPath({ path: "dataplanes", ...(mesh !== undefined && { mesh }) })}/_overview`, { ...query }),
      ),
    history: (query) => json("GET", withQuery("/history", { ...query })),
    diff: (query) => json("GET", withQuery("/diff", { ...query })),
    rollback: (request) => json("POST", "/rollback", request),
    watchChanges: (query, signal) => readFeed(requester, { path: withQuery("/changes", { ...query, wait: true }), signal }),
    policyStatus: (at) => json("GET", `${itemPath(at)}/_status`),
    policyStatuses: (at, query) => json("GET", withQuery(`${collectionPath(at)}/_status`, { ...query })),
    allPolicyStatuses: (at) => readPages(requester, `${collectionPath(at)}/_status`),
    async *watchPolicyStatus(at, signal) {
      const body = await requester.stream(`${itemPath(at)}/_status?wait=true`, signal);
      for await (const event of readEvents(body)) yield parseEvent<PolicyStatus>(requester.address, event.data);
    },
    convergence: (revision) => json("GET", withQuery("/convergence", { revision })),
    async *watchConvergence(revision, signal, options) {
      const body = await requester.stream(withQuery("/convergence", { revision, wait: true, ...options }), signal);
      for await (const event of readEvents(body)) yield parseEvent<ConvergenceReport>(requester.address, event.data);
    },
    token: (kind, body) => text("POST", `/tokens/${kind}`, body),
  };
}

const maxPageSize = 1000;

async function* readPages<T>({ address, json }: Requester, path: string, query?: ListQuery): AsyncGenerator<T, void, void> {
  for (let url: string | undefined = withQuery(path, { size: maxPageSize, ...query }); url !== undefined; ) {
    const page: ListAnswer<T> = await json("GET", url);
    yield* page.items;
    url = page.items.length === 0 ? undefined : nextPage(address, path, page.next);
  }
}

/** Of the link only the query counts: behind a proxy the control plane may not know its own address. */
function nextPage(address: string, path: string, next: string | null | undefined): string | undefined {
  if (next === null || next === undefined) return undefined;
  if (!URL.canParse(next, address)) throw new UnexpectedAnswer(address, "a link to the next page that is no URL");
  return `${path}${new URL(next, address).search}`;
}

export function collectionPath(at: { readonly path: string; readonly mesh?: string }): string {
  return at.mesh === undefined ? `/${at.path}` : `/meshes/${encodeURIComponent(at.mesh)}/${at.path}`;
}

export function itemPath(at: ResourceAddress): string {
  return `${collectionPath(at)}/${encodeURIComponent(at.name)}`;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of value === undefined ? [] : [value].flat()) params.append(name, String(one));
  }
  return params.size === 0 ? path : `${path}?${params}`;
}

function parseEvent<T>(address: string, data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch {
    throw new UnexpectedAnswer(address, "an event that is not JSON");
  }
}
