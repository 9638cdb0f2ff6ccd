import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import { type CheckSettings, healthCheck, httpCheck, setHealthCheck, tcpCheck } from "../core/effects/health-checks.ts";
import type { OutboundHooks } from "../core/effects/hooks.ts";
import { present } from "../core/effects/present.ts";
import type { ProtoJson } from "../core/route.ts";
import type { HealthCheckConf, HealthCheckSpec } from "./schema.ts";

/** A MeshHealthCheck takes the place of the check (reference: resources-legacy.md section 5). */
export const legacyHealthChecks: OutboundHooks<CheckSettings> = {
  decide: (input) =>
    decideLegacyOutbound<HealthCheckSpec, CheckSettings>(input, ({ conf }) =>
      settingsOf(conf, input.outbound.protocol === "http2"),
    ),
  cluster: setHealthCheck,
};

function settingsOf(conf: HealthCheckConf, isHttp2: boolean): CheckSettings {
  return present({
    check: healthCheck(conf, checkerOf(conf, isHttp2)),
    panicPercent: conf.healthyPanicThreshold,
    failsOnPanic: conf.failTrafficOnPanic,
  });
}

/** Without a section, a check only connects. */
function checkerOf({ http, tcp }: HealthCheckConf, isHttp2: boolean): ProtoJson {
  if (!http) return tcpCheck(tcp?.send, tcp?.receive);
  const headers = (http.requestHeadersToAdd ?? []).map(({ header: { key, value = "" }, append = true }) => ({
    header: { key, value },
    appendAction: append ? "APPEND_IF_EXISTS_OR_ADD" : "OVERWRITE_IF_EXISTS_OR_ADD",
  }));
  return httpCheck({ path: http.path, headers, statuses: http.expectedStatuses ?? [], isHttp2 });
}
