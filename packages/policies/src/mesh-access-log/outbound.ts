import { keyText, labelNames, type Resource } from "@meridian/model";
import type { ClientTrait } from "../core/define-policy.ts";
import { decideTo } from "../core/effects/decide-to.ts";
import type { Decision, OutboundHooks } from "../core/effects/hooks.ts";
import type { OutboundDecisionInput, OutboundTarget } from "../core/effects/targets.ts";
import {
  type AccessLogConf as AccessLogs,
  accessLogConf,
  accessLoggers,
  addLoggers,
  celFilter,
  logClusters,
} from "../core/observability/loggers.ts";
import { ownAddressValues, usedOfClient } from "../core/observability/placeholders.ts";
import { policyKri } from "../core/policy-kri.ts";
import { notesOn, resolveBackends, writtenTexts } from "./backends.ts";
import type { AccessLogBackend, AccessLogConf, MeshAccessLogSpec } from "./schema.ts";

interface OutboundLogs extends AccessLogs {
  /** KRI of the MeshHTTPRoute whose requests alone are meant. */
  readonly route?: string;
}

/** Routes with logs of their own say so in their metadata, by which the logs are told apart. */
const routesKey = "kuma.routes";
const routeField = "route_kri";
const otherRoutes = `!(has(xds.route_metadata) && '${routesKey}' in xds.route_metadata.filter_metadata)`;

/** Access logs of requests that the proxy sends (reference: policies-envoy.md section 13). */
export const outboundLogs: OutboundHooks<OutboundLogs> = {
  decide,
  route: (route, { route: kri }) => {
    if (kri === undefined) return route;
    const metadata = (route["metadata"] ?? {}) as { readonly filterMetadata?: object };
    return { ...route, metadata: { filterMetadata: { ...metadata.filterMetadata, [routesKey]: { [routeField]: kri } } } };
  },
  chain: (chain, conf, target, byRoute) => {
    const values = targetValues(target);
    const ofRoutes = Object.values(byRoute);
    const filter = ofRoutes.length > 0 ? celFilter(otherRoutes) : undefined;
    return addLoggers(chain, (isHttp) => [
      ...accessLoggers(conf, values, { isHttp, ...(isHttp && { filter }) }),
      ...(isHttp ? ofRoutes : []).flatMap((own) => accessLoggers(own, values, { isHttp, filter: routeFilter(own.route ?? "") })),
    ]);
  },
  extraClusters: (conf, _target, byRoute) => logClusters([conf, ...Object.values(byRoute)]),
};

/** Also for what leaves the mesh: `decideTo` sees it as a destination without a service. */
export function decide(input: OutboundDecisionInput): Decision<OutboundLogs> | undefined {
  const decision = decideTo<AccessLogConf>(input);
  if (!decision) return undefined;
  const { origins, conf, byRoute } = decision;
  const problems: string[] = [];
  const logs = (backends: readonly AccessLogBackend[] = []): OutboundLogs => {
    const resolved = resolveBackends(backends, input);
    problems.push(...resolved.problems);
    const destination = input.outbound.resource && displayName(input.outbound.resource);
    return { ...accessLogConf(resolved.backends, input.subject), ...(destination !== undefined && { destination }) };
  };
  const routes = byRoute && new Map(input.world.list("MeshHTTPRoute").map((route) => [keyText(route), route]));
  const general = logs(conf.backends);
  const ofRoutes = Object.entries(byRoute ?? {}).map(([key, own]) => {
    const route = routes?.get(key);
    return [key, { ...logs(own.backends), ...(route && { route: policyKri("mhttpr", route) }) }] as const;
  });
  const notes = notesOn([...new Set(problems)], origins);
  return {
    conf: general,
    ...(ofRoutes.length > 0 && { byRoute: Object.fromEntries(ofRoutes) }),
    origins,
    ...(notes.length > 0 && { notes }),
  };
}

/** As little as the formats ask for: proxies that agree in it share their outbounds, logs and all. */
export function logTraits({ spec }: Resource<MeshAccessLogSpec>): readonly ClientTrait[] {
  const backends = (spec.to ?? []).flatMap(({ default: conf }) => conf?.backends ?? []);
  const { source, workload } = usedOfClient(backends.flatMap(writtenTexts));
  const readsWorkload = workload || backends.some(({ type }) => type === "OpenTelemetry");
  return [
    ...(source ? [{ tag: "kuma.io/service" }] : []),
    ...(readsWorkload ? [{ label: labelNames.workload }] : []),
    // The pipe is in the proxy's own work directory.
    ...(backends.some(({ type }) => type === "Tcp") ? (["self"] as const) : []),
  ];
}

function targetValues({ mesh, zone, service }: OutboundTarget) {
  return { mesh, zone, destination: service, direction: "OUTBOUND", ...ownAddressValues } as const;
}

function routeFilter(kri: string) {
  return celFilter(`xds.route_metadata.filter_metadata['${routesKey}']['${routeField}'] == ${JSON.stringify(kri)}`);
}

function displayName({ name, labels }: Resource): string {
  return labels[labelNames.displayName] ?? name;
}
