import { decideTo } from "../core/effects/decide-to.ts";
import { type CheckSettings, healthCheck, httpCheck, setHealthCheck, tcpCheck } from "../core/effects/health-checks.ts";
import type { OutboundHooks } from "../core/effects/hooks.ts";
import { present } from "../core/effects/present.ts";
import { percentageOf } from "../core/fragments/percentage.ts";
import { headerOptions, type ProtoJson } from "../core/route.ts";
import type { Protocol } from "../core/types.ts";
import type { HealthCheckConf } from "./schema.ts";

/** Clusters of destinations (reference: policies-envoy.md section 8). Routes share clusters: there is nothing for a single one. */
export const outboundHealthChecks: OutboundHooks<CheckSettings> = {
  decide(input) {
    const decision = decideTo<HealthCheckConf>(input);
    if (!decision) return undefined;
    const { protocol } = input.outbound;
    return { conf: settingsOf(decision.conf, protocol), origins: decision.origins };
  },
  cluster: setHealthCheck,
};

function settingsOf(conf: HealthCheckConf, protocol: Protocol): CheckSettings {
  const checker = checkerOf(conf, protocol);
  return present({
    check: checker && healthCheck(conf, checker),
    panicPercent: conf.healthyPanicThreshold === undefined ? undefined : percentageOf(conf.healthyPanicThreshold),
    failsOnPanic: conf.failTrafficOnPanic,
  });
}

/**
 * The section for the protocol; where it is disabled, `tcp`. None: no check. What has no protocol of its own is checked as TCP, which
 * it is; the peer checks it not at all.
 */
function checkerOf({ http, grpc, tcp }: HealthCheckConf, protocol: Protocol): ProtoJson | undefined {
  const isHttp = protocol === "http" || protocol === "http2";
  if (isHttp && http && !http.disabled) return httpChecker(http, protocol === "http2");
  if (protocol === "grpc" && grpc && !grpc.disabled) {
    return { grpcHealthCheck: present({ serviceName: grpc.serviceName, authority: grpc.authority }) };
  }
  const isForTcp = isHttp ? http?.disabled : protocol === "grpc" ? grpc?.disabled : true;
  return isForTcp && tcp && !tcp.disabled ? tcpCheck(tcp.send, tcp.receive) : undefined;
}

function httpChecker(http: NonNullable<HealthCheckConf["http"]>, isHttp2: boolean): ProtoJson {
  const { path = "/", requestHeadersToAdd: { add = [], set = [] } = {}, expectedStatuses = [] } = http;
  return httpCheck({ path, headers: headerOptions(set, add), statuses: expectedStatuses, isHttp2 });
}
