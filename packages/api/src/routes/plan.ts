import { setImmediate as nextTurn } from "node:timers/promises";
import { resourceJson } from "@meridian/explain";
import { keyText, renderYaml } from "@meridian/model";
import type { ChangeGroup, Plan, ProposedChange, ResourceStep } from "@meridian/plan";
import { type ChangeEntry, ConflictError } from "@meridian/store";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { unifiedDiff } from "../diff/unified.ts";
import { acceptYaml } from "../http/bodies.ts";
import { invalid } from "../http/errors.ts";
import { flag, type Query } from "../http/query.ts";
import { type InsightView, isConnected } from "../insight-view.ts";
import type { ApiDeps, ApiLimits, PlanPort } from "../ports.ts";
import { type ReadBatch, readBatch, refusedBatch } from "./batch.ts";
import { dryRun } from "./dry-run.ts";

const title = "Could not plan the documents";
/** Each attempt after the first means that somebody wrote one of the same resources meanwhile. */
const maxAttempts = 5;
/** Groups whose resources are shown in full; the rest differ as much and would make an answer of many megabytes. */
const maxDiffedGroups = 50;

/**
 * `POST /plan`: what `POST /apply` with the same body would do to the proxies of all zones. Every mistake is answered as there;
 * nothing is written. `envoy: true` adds the diff of each Envoy resource.
 */
export function planRoutes(parent: FastifyInstance, deps: ApiDeps, limits: ApiLimits): void {
  const { planner } = deps;
  if (!planner) return;
  parent.register(async (app) => {
    acceptYaml(app);
    app.post("/plan", { config: { title }, bodyLimit: limits.batchBodyBytes }, (request) => plan(deps, planner, request));
  });
}

async function plan(deps: ApiDeps, planner: PlanPort, request: FastifyRequest): Promise<object> {
  const batch = await readBatch(deps, request, title);
  const withDiffs = wantsDiffs(request);
  const result = await judged(deps, batch);
  const entries = result.entries ?? [];
  const planned = await planner.plan({ changes: entries.map(proposedChange), online: await connectedProxies(deps) });
  return {
    revision: planned.revision,
    changed: result.outcomes.some((outcome) => outcome !== "unchanged" && outcome !== "absent"),
    results: batch.keys.map(({ kind, mesh, name }, index) => {
      return { kind, mesh, name, outcome: result.outcomes[index] ?? "unchanged", warnings: batch.warnings[index] ?? [] };
    }),
    ...(result.warnings.length > 0 && { warnings: result.warnings }),
    ...(await planAnswer(planned, withDiffs)),
  };
}

/** What would be written. @throws ApiProblem 400 as `POST /apply` */
async function judged(deps: ApiDeps, batch: ReadBatch): ReturnType<typeof dryRun> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dryRun(deps, batch.requests);
    } catch (error) {
      // What this was judged by has changed: judge again.
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw refusedBatch(batch, error, title);
    }
  }
}

function wantsDiffs(request: FastifyRequest): boolean {
  if (typeof request.body === "string") return flag(request.query as Query, "envoy");
  const { envoy = false } = request.body as { readonly envoy?: unknown };
  if (typeof envoy !== "boolean") {
    throw invalid("Bad Request", [{ path: "envoy", message: "must be true or false" }], "The request is not valid");
  }
  return envoy;
}

function proposedChange({ op, key, resource }: ChangeEntry): ProposedChange {
  return op === "put" && resource ? { op, resource } : { op: "delete", key };
}

/** `keyText` of every proxy whose stream is open as far as its insight knows. */
async function connectedProxies({ store }: Pick<ApiDeps, "store">): Promise<ReadonlySet<string>> {
  const kinds = ["Dataplane", "ZoneIngress"];
  const lists = await Promise.all(kinds.map((kind) => store.listStatus<InsightView>(`${kind}Insight`)));
  return new Set(
    lists.flatMap((entries, index) =>
      entries.filter(({ value }) => isConnected(value)).map(({ key }) => keyText({ ...key, kind: kinds[index] ?? "" })),
    ),
  );
}

async function planAnswer({ zones, summary, cutOffs, failures, groups }: Plan, withDiffs: boolean): Promise<object> {
  const diffs = new DiffCache();
  const views: object[] = [];
  for (const [index, group] of groups.entries()) {
    const isDiffed = withDiffs && index < maxDiffedGroups;
    views.push(groupView(group, isDiffed ? diffs : undefined));
    // Large diffs must not hold up everybody else.
    if (isDiffed) await nextTurn();
  }
  return {
    proxies: zones.reduce((sum, { changed }) => sum + changed, 0),
    bytes: zones.reduce((sum, { bytes }) => sum + bytes, 0),
    zones,
    summary,
    cutOffs,
    failures,
    groups: views,
    ...(withDiffs && groups.length > maxDiffedGroups && { groupsWithoutDiff: groups.length - maxDiffedGroups }),
  };
}

function groupView({ proxies, steps, bytes }: ChangeGroup, diffs: DiffCache | undefined): object {
  return {
    proxies: proxies.map(({ zone, mesh, name, isOnline }) => ({ zone, ...(mesh !== "" && { mesh }), name, online: isOnline })),
    bytes,
    resources: steps.map((step) => ({ ...stepView(step), ...(diffs && { diff: diffs.of(step) }) })),
  };
}

function stepView({ before, after, policies }: ResourceStep): object {
  const { typeUrl = "", name = "" } = after ?? before ?? {};
  return {
    type: typeUrl.slice(typeUrl.lastIndexOf(".") + 1),
    name,
    change: !before ? "added" : after ? "changed" : "removed",
    policies,
  };
}

/** Groups share most of their resources: each pair is compared once. */
class DiffCache {
  readonly #diffs = new Map<string, string>();

  of({ before, after }: ResourceStep): string {
    const { typeUrl = "", name = "" } = after ?? before ?? {};
    const key = [typeUrl, name, before?.version, after?.version].join("\n");
    const known =
      this.#diffs.get(key) ?? unifiedDiff(yamlOf(before), yamlOf(after), { before: `${name} now`, after: `${name} planned` });
    this.#diffs.set(key, known);
    return known;
  }
}

function yamlOf(resource: ResourceStep["after"]): string {
  return resource ? renderYaml(resourceJson(resource)) : "";
}
