import { expect, it } from "vitest";
import { joinSplitClusters, selectFamilies } from "./envoy-metrics.ts";
import { parsePrometheusText, renderPrometheusText } from "./prometheus-text.ts";

const families = parsePrometheusText(
  ["envoy_cluster_upstream_rq_total", "envoy_server_uptime", "envoy_cluster_lb_subsets_created"]
    .flatMap((name) => [
      `# TYPE ${name} counter`,
      `${name}{envoy_cluster_name="orders"} 1`,
      `${name}{envoy_cluster_name="ads_cluster"} 2`,
    ])
    .join("\n"),
);
const names = (profiles: Parameters<typeof selectFamilies>[1]) => selectFamilies(families, profiles).map(({ name }) => name);

it("profiles choose, exclude takes away, include brings back", () => {
  expect(names(undefined)).toHaveLength(3);
  expect(names({ appendProfiles: [{ name: "None" }] })).toEqual([]);
  expect(names({ appendProfiles: [{ name: "Basic" }] })).toEqual(["envoy_cluster_upstream_rq_total", "envoy_server_uptime"]);
  expect(names({ appendProfiles: [{ name: "Basic" }, { name: "All" }] })).toHaveLength(3);
  const exclude = [{ type: "Prefix", match: "envoy_cluster" }] as const;
  expect(names({ exclude })).toEqual(["envoy_server_uptime"]);
  expect(names({ exclude, include: [{ type: "Regex", match: "(?i)RQ_tot" }] })).toHaveLength(2);
  expect(names({ appendProfiles: [{ name: "None" }], include: [{ type: "Exact", match: "envoy_server_uptime" }] })).toHaveLength(
    1,
  );
  expect(names({ appendProfiles: [{ name: "None" }], include: [{ type: "Contains", match: "subsets" }] })).toHaveLength(1);
});

it("Basic leaves out the clusters that carry no traffic of the mesh", () => {
  const [rq] = selectFamilies(families, { appendProfiles: [{ name: "Basic" }] });
  expect(rq?.samples.map(({ labels }) => labels)).toEqual(['envoy_cluster_name="orders"']);
});

it("sums up the clusters into which the traffic of a service is split", () => {
  const text = `# TYPE rq counter
rq{envoy_response_code="200",envoy_cluster_name="orders-0123456789abcdef"} 3
rq{envoy_response_code="200",envoy_cluster_name="orders-fedcba9876543210"} 4
rq{envoy_response_code="200",envoy_cluster_name="orders"} 5
rq{envoy_response_code="500",envoy_cluster_name="orders-0123456789abcdef"} 1
`;
  expect(renderPrometheusText(joinSplitClusters(parsePrometheusText(text)))).toBe(`# TYPE rq counter
rq{envoy_response_code="200",envoy_cluster_name="orders"} 12
rq{envoy_response_code="500",envoy_cluster_name="orders"} 1
`);
});
