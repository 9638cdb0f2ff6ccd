import type { PolicyReport } from "@meridian/model";
import { checkKeyText, parseObject } from "../sync/entry.ts";
import { count, list, object, type Shape, text } from "./shapes.ts";

const message = text(8192);
const many = 100;

const reportShape: Shape<PolicyReport> = object({
  proxies: object({ applied: count, converged: count, pending: count, rejected: count }),
  rejections: list(
    object({
      message,
      proxies: count,
      proxyNames: list(text(1024), many),
      resources: list(message, many),
      revision: count,
      time: text(256),
    }),
    many,
  ),
  notes: list(object({ message, proxies: count }), many),
});

export interface ReportedPolicy {
  /** `keyText` of the zone's copy; of a policy that the zone owns the one at the global. */
  readonly policy: string;
  readonly report: PolicyReport;
}

/** One of the `puts` of a `policies` frame. @throws ShapeError */
export function decodePolicyReport(bytes: Uint8Array): ReportedPolicy {
  const { policy, report } = parseObject(bytes);
  const key = text(1024)(policy, "policies.policy");
  checkKeyText(key);
  return { policy: key, report: reportShape(report, "policies.report") };
}
