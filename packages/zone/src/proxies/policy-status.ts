import type { PolicyReach } from "@meridian/generator";
import { noPolicyReport, type PolicyRejection, type PolicyReport, type Revision } from "@meridian/model";
import type { SecretProblems } from "../identity/secret-problems.ts";
import type { ProgressTracker } from "./progress.ts";
import type { Refusal } from "./refusals.ts";

export interface PolicyStatusOptions {
  readonly reach: PolicyReach;
  readonly progress: ProgressTracker;
  /** Secrets that resources ask for in vain; absent: nobody asks for any. */
  readonly secrets?: Pick<SecretProblems, "of" | "takeChanged">;
}

/** Of a list that is told, so that a report stays small whatever Envoys say. */
const most = 10;
const longestMessage = 4096;

/**
 * Where each policy stands in this zone, by the policy's `keyText` here. Nothing is counted while proxies answer: a step marks what
 * it touched, and reports are made when somebody takes them, of the policies that may differ only.
 */
export class PolicyStatusTracker {
  readonly #options: PolicyStatusOptions;
  /** The generation in which a policy last decided something that was handed out. */
  readonly #touched = new Map<string, Revision>();
  /** Told last; absent: nothing. */
  readonly #told = new Map<string, PolicyReport>();
  /** Their reports may differ, or still wait for an answer. */
  #open = new Set<string>();
  #generation: Revision = 0;

  constructor(options: PolicyStatusOptions) {
    this.#options = options;
  }

  /** What reports speak of, in the zone's own revisions. */
  get generation(): Revision {
    return this.#generation;
  }

  /** The view reflects `generation`. @returns whether reports may differ now, also where no proxy was given anything. */
  stepped(generation: Revision): boolean {
    this.#generation = generation;
    for (const policy of this.#options.reach.takeTouched()) {
      this.#touched.set(policy, generation);
      this.#open.add(policy);
    }
    return this.#options.reach.hasChanged;
  }

  /** As of now. */
  of(policy: string): PolicyReport {
    return this.#report(policy) ?? noPolicyReport;
  }

  /** Reports that differ from those taken last; undefined: there is nothing to say of the policy any more. */
  takeChanges(): ReadonlyMap<string, PolicyReport | undefined> {
    const { reach, progress, secrets } = this.#options;
    const asked = new Set([...this.#open, ...reach.takeChanged(), ...(secrets?.takeChanged() ?? [])]);
    for (const [, { origins }] of progress.refusals()) for (const policy of origins) asked.add(policy);
    this.#open = new Set();
    const changes = new Map<string, PolicyReport | undefined>();
    for (const policy of asked) {
      const report = this.#report(policy);
      if (report && (report.proxies.pending > 0 || report.rejections.length > 0)) this.#open.add(policy);
      if (!report) this.#touched.delete(policy);
      if (JSON.stringify(report) === JSON.stringify(this.#told.get(policy))) continue;
      changes.set(policy, report);
      if (report) this.#told.set(policy, report);
      else this.#told.delete(policy);
    }
    return changes;
  }

  /** What was taken last, of all policies. */
  all(): ReadonlyMap<string, PolicyReport> {
    return this.#told;
  }

  #report(policy: string): PolicyReport | undefined {
    const { reach, secrets } = this.#options;
    const applied = reach.count(policy);
    const refusals = [...this.#options.progress.refusals()].filter(([, { origins }]) => origins.includes(policy));
    const refusing = new Set(refusals.map(([id]) => id));
    const missing = (applied === 0 ? [] : (secrets?.of(policy) ?? [])).map((message) => ({ message, proxies: applied }));
    const notes = [...missing, ...reach.notes(policy)];
    if (applied === 0 && refusals.length === 0 && notes.length === 0) return undefined;
    const rejected = [...refusing].filter((id) => reach.holds(id, policy)).length;
    const pending = this.#pending(policy, refusing);
    return {
      proxies: { applied, converged: applied - pending - rejected, pending, rejected },
      rejections: grouped(refusals.map(([, refusal]) => refusal)),
      notes: notes.slice(0, most),
    };
  }

  /** What a proxy owes since after the policy was handed out last is none of the policy's. */
  #pending(policy: string, refusing: ReadonlySet<string>): number {
    const { reach, progress } = this.#options;
    const touched = this.#touched.get(policy) ?? 0;
    let pending = 0;
    for (const [id, { oldest, isFirst }] of progress.debts()) {
      if ((isFirst || oldest <= touched) && !refusing.has(id) && reach.holds(id, policy)) pending += 1;
    }
    return pending;
  }
}

function grouped(refusals: Iterable<Refusal>): readonly PolicyRejection[] {
  const groups = new Map<string, PolicyRejection>();
  for (const { rejection } of refusals) {
    const message = rejection.message.slice(0, longestMessage);
    const group = groups.get(message);
    const isNewer = !group || rejection.revision > group.revision;
    groups.set(message, {
      message,
      proxies: (group?.proxies ?? 0) + 1,
      proxyNames: [...(group?.proxyNames ?? []), rejection.proxy].slice(0, most),
      resources: group?.resources ?? rejection.resources.slice(0, most),
      revision: isNewer ? rejection.revision : group.revision,
      time: isNewer ? rejection.time : group.time,
    });
  }
  return [...groups.values()].slice(0, most);
}
