import { askLocal, type LocalAddress } from "../local-http.ts";
import { joinSplitClusters, selectFamilies } from "./envoy-metrics.ts";
import { type MetricFamily, parsePrometheusText } from "./prometheus-text.ts";
import type { ApplicationMetrics, MetricsSettings } from "./settings.ts";

/** Envoy's own metrics. @param query of its `/stats/prometheus`, with `?`. @throws Error when it does not answer. */
export async function envoyMetrics(
  admin: LocalAddress,
  query: string,
  options: { readonly timeoutMs: number; readonly profiles?: MetricsSettings["sidecar"]["profiles"] },
): Promise<readonly MetricFamily[]> {
  const { status, body } = await askLocal(admin, `/stats/prometheus${query}`, options);
  if (status !== 200) throw new Error(`Envoy answers ${status} to a request for its metrics`);
  return joinSplitClusters(selectFamilies(parsePrometheusText(body), options.profiles));
}

export interface ScrapedApplication {
  readonly application: ApplicationMetrics;
  /** Undefined: it did not answer. */
  readonly families: readonly MetricFamily[] | undefined;
}

/** An application that does not answer takes nobody else's metrics away. */
export function applicationMetrics(
  applications: readonly ApplicationMetrics[],
  timeoutMs: number,
): Promise<readonly ScrapedApplication[]> {
  return Promise.all(
    applications.map(async (application) => {
      const { address: host, port, path } = application;
      const answer = await askLocal({ host, port }, path, { timeoutMs }).catch(() => undefined);
      return { application, families: answer?.status === 200 ? parsePrometheusText(answer.body) : undefined };
    }),
  );
}

/** Says which applications answered: metrics that are missing would not tell. */
export function applicationsUp(scraped: readonly ScrapedApplication[]): readonly MetricFamily[] {
  if (scraped.length === 0) return [];
  const samples = scraped.map(({ application: { name, address, port, path }, families }) => ({
    name: "meridian_application_up",
    labels: `application=${JSON.stringify(name ?? `${address}:${port}${path}`)}`,
    value: families ? "1" : "0",
  }));
  const help = "Whether an application answered with its metrics.";
  return [{ name: "meridian_application_up", type: "gauge", help, samples }];
}
