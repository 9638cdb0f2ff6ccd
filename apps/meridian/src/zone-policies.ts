import type { Clock } from "@meridian/base";
import type { PolicyStatusSource } from "@meridian/kds";
import { keyText } from "@meridian/model";
import type { PolicyStatusTracker, ProgressTracker } from "@meridian/zone";

/** Where policies stand as a zone knows it: for its own proxies only. */
export function ownPolicyStatus(
  zone: string,
  { policies: tracker, progress }: { readonly policies: PolicyStatusTracker; readonly progress: ProgressTracker },
  clock: Clock,
): PolicyStatusSource {
  return {
    policyStatus: async (policies) => {
      const known = { zone, status: "online", lastHeard: new Date(clock.now()).toISOString() } as const;
      return policies.map((policy) => [
        { ...known, isCurrent: tracker.generation >= policy.version, report: tracker.of(keyText(policy)) },
      ]);
    },
    // Whatever moves a policy moves the zone's progress: a step, a proxy that comes, goes or answers.
    subscribePolicies: (listener) => progress.progress.subscribe(listener),
  };
}
