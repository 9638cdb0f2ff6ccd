import type { PolicyReport } from "@meridian/model";
import type { PolicySource } from "../ports.ts";

/** Reports that a test writes by hand. */
export class SamplePolicies implements PolicySource {
  readonly #told = new Map<string, PolicyReport>();
  #changes = new Map<string, PolicyReport | undefined>();

  set(policy: string, report: PolicyReport | undefined): void {
    this.#changes.set(policy, report);
  }

  takeChanges(): ReadonlyMap<string, PolicyReport | undefined> {
    const changes = this.#changes;
    this.#changes = new Map();
    for (const [policy, report] of changes) {
      if (report) this.#told.set(policy, report);
      else this.#told.delete(policy);
    }
    return changes;
  }

  all(): ReadonlyMap<string, PolicyReport> {
    return this.#told;
  }
}

/** All proxies hold it. */
export function reportOf(applied: number, overrides: Partial<PolicyReport> = {}): PolicyReport {
  return { proxies: { applied, converged: applied, pending: 0, rejected: 0 }, rejections: [], notes: [], ...overrides };
}
