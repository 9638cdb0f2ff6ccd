import { noPolicyReport, type PolicyReport, type Resource, type ZonePolicyReport } from "@meridian/model";
import type { PolicyStatusPort } from "../ports.ts";

/** What zones say of policies, by name, as a test moves it by hand. */
export class SamplePolicies implements PolicyStatusPort {
  readonly #reports = new Map<string, readonly ZonePolicyReport[]>();
  readonly #listeners = new Set<() => void>();

  async policyStatus(policies: readonly Resource[]): Promise<readonly (readonly ZonePolicyReport[])[]> {
    return policies.map(({ name }) => this.#reports.get(name) ?? []);
  }

  subscribePolicies(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(policy: string, ...reports: readonly ZonePolicyReport[]): void {
    this.#reports.set(policy, reports);
    for (const listener of [...this.#listeners]) listener();
  }
}

export interface SampleCounts {
  readonly converged?: number;
  readonly pending?: number;
  readonly rejected?: number;
}

export function sampleReport(zone: string, counts: SampleCounts, overrides: Partial<ZonePolicyReport> = {}): ZonePolicyReport {
  const { converged = 0, pending = 0, rejected = 0 } = counts;
  const proxies = { applied: converged + pending + rejected, converged, pending, rejected };
  const report: PolicyReport = { ...noPolicyReport, proxies };
  return { zone, status: "online", lastHeard: "2026-01-02T00:00:00.000Z", isCurrent: true, report, ...overrides };
}
