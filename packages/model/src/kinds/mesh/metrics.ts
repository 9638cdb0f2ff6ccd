import type { Unchecked } from "../../fragments.ts";
import { validatePort } from "../../rules/network.ts";
import { at, type Violation } from "../../violation.ts";
import type { PrometheusConf } from "./schema.ts";

/** Rules for Prometheus settings, of a mesh or of one Dataplane (reference: resources-legacy.md 16). */
export function validatePrometheus(path: string, conf: Unchecked<PrometheusConf> | undefined): readonly Violation[] {
  if (!conf) return [];
  const violations: Violation[] = [];
  if (conf.port) violations.push(...validatePort(`${path}.port`, conf.port));
  if (contradictsItself(conf)) {
    violations.push({ path, message: "skipMTLS and tls configuration cannot be defined together" });
  }
  const filterRegex = conf.envoy?.filterRegex;
  const problem = filterRegex === undefined ? undefined : regexProblem(filterRegex);
  if (problem) violations.push({ path: `${path}.envoy.filterRegex`, message: `provided regexp isn't correct: ${problem}` });
  const seen = new Set<string>();
  conf.aggregate?.forEach(({ name = "" }, index) => {
    const message = `duplicate entry: ${name}, values have to be unique`;
    if (seen.has(name)) violations.push({ path: `${at(`${path}.aggregate`, index)}.name`, message });
    seen.add(name);
  });
  return violations;
}

/** Both may be there when they say the same. */
function contradictsItself({ skipMTLS, tls }: Unchecked<PrometheusConf>): boolean {
  if (skipMTLS === undefined || tls === undefined) return false;
  const mode = tls.mode ?? "activeMTLSBackend";
  return skipMTLS ? mode !== "disabled" : mode !== "activeMTLSBackend";
}

/** Envoy's regular expressions are RE2; its inline flags and named groups are written differently in JavaScript. */
function regexProblem(source: string): string | undefined {
  try {
    new RegExp(source.replace(/\(\?[imsU]+\)/g, "").replaceAll("(?P<", "(?<"), "u");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Fills what the peer stores as defaults. */
export function withPrometheusDefaults(conf: PrometheusConf = {}): PrometheusConf {
  return {
    port: 5670,
    path: "/metrics",
    tags: { "kuma.io/service": "dataplane-metrics" },
    ...conf,
    ...(conf.skipMTLS === undefined && { tls: { mode: "activeMTLSBackend" as const, ...conf.tls } }),
  };
}
