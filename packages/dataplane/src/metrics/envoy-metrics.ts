import type { MetricFamily, Sample } from "./prometheus-text.ts";
import type { MetricsSettings } from "./settings.ts";

type Profiles = NonNullable<MetricsSettings["sidecar"]["profiles"]>;
type Selector = NonNullable<Profiles["include"]>[number];

/*
 * What the profile Basic keeps of Envoy's metrics: the peer's choice of what its dashboards show and what tells that something is
 * wrong (traffic, errors, saturation), without Envoy's own clusters.
 */
const basicNames = new RegExp(
  [
    "rq_time|_rq|bytes|timeout|health_check|lb_healthy_panic|error|fail|reset|eject|overflow|cancelled|max_duration_reached",
    "cx_(?:length_ms|count|destroy|active|connect|total)|no_(?:cluster|route|filter_chain)|reject|denied|rbac|circuit_breakers",
    "days_until_first_cert_expiring|ssl_handshake|ssl_context_update_by_sds",
    "^envoy_cluster_membership_(?:degraded|healthy|total)$|^envoy_(?:server|control_plane|dns_filter|dns_cares)",
  ].join("|"),
);
const internalCluster =
  /(?:^|,)envoy_(?:cluster_name|http_conn_manager_prefix|listener_address)="(?:system_|_?kuma[:_]|meshtrace[:_]|tracing[:_]|(?:ads_cluster|access_log_sink)")/;

/** Those of Envoy's metrics that are wanted: `include` wins over `exclude`, and both over the profiles. */
export function selectFamilies(families: readonly MetricFamily[], profiles: Profiles = {}): readonly MetricFamily[] {
  const { appendProfiles = [], include = [], exclude = [] } = profiles;
  const names = new Set(appendProfiles.map(({ name }) => name));
  const isAll = names.size === 0 || names.has("All");
  const isBasic = !isAll && names.has("Basic");
  const included = matcher(include);
  const excluded = matcher(exclude);
  return families.flatMap((family) => {
    const { name } = family;
    const isWanted = included(name) || (!excluded(name) && (isAll || (isBasic && basicNames.test(name))));
    if (!isWanted) return [];
    if (!isBasic) return [family];
    const samples = family.samples.filter(({ labels }) => !internalCluster.test(labels));
    return samples.length > 0 ? [{ ...family, samples }] : [];
  });
}

function matcher(selectors: readonly Selector[]): (name: string) => boolean {
  const tests = selectors.map(testOf);
  return (name) => tests.some((test) => test(name));
}

function testOf({ type, match }: Selector): (name: string) => boolean {
  switch (type) {
    case "Prefix":
      return (name) => name.startsWith(match);
    case "Exact":
      return (name) => name === match;
    case "Contains":
      return (name) => name.includes(match);
    case "Regex": {
      const expression = fromRe2(match);
      return (name) => expression?.test(name) ?? false;
    }
  }
}

/** RE2 writes flags and names of groups in its own way; validation has seen that the rest is alike. */
function fromRe2(source: string): RegExp | undefined {
  const flags = /^\(\?([a-zU]+)\)/.exec(source)?.[1] ?? "";
  try {
    const text = source.replace(/^\(\?[a-zU]+\)/, "").replaceAll("(?P<", "(?<");
    return new RegExp(text, [...flags].filter((flag) => "ims".includes(flag)).join(""));
  } catch {
    return undefined;
  }
}

/** Of a split or a subset, the cluster's name ends with a hash: `orders-0123456789abcdef`. */
const splitCluster = /(^|,)envoy_cluster_name="([^"]*)-[0-9a-f]{16}"/;

/** Sums up the clusters of one service, as dashboards know it: how its traffic is split is nobody's business there. */
export function joinSplitClusters(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.map((family) => {
    if (!family.samples.some(({ labels }) => splitCluster.test(labels))) return family;
    const sums = new Map<string, Sample>();
    for (const sample of family.samples) {
      const labels = sample.labels.replace(splitCluster, '$1envoy_cluster_name="$2"');
      const key = `${sample.name} ${labels}`;
      const before = sums.get(key);
      const value = before ? String(Number(before.value) + Number(sample.value)) : sample.value;
      sums.set(key, { name: sample.name, labels, value });
    }
    return { ...family, samples: [...sums.values()] };
  });
}
