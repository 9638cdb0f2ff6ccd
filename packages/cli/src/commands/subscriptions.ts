import { field, text } from "../output/columns.ts";
import { ageOf, timeLeft } from "../output/time.ts";

export const subscriptionHeader: readonly string[] = ["CONNECTED", "UPDATES", "ERRORS", "CERT EXPIRES", "ENVOY"];

/** What a proxy's insight says of its newest connection; `-` where there is none yet. */
export function subscriptionCells(insight: unknown): readonly string[] {
  const subscriptions = field(insight, "subscriptions");
  const list: readonly unknown[] = Array.isArray(subscriptions) ? subscriptions : [];
  const newest = list.at(-1);
  const sum = (what: string): string => {
    const counts = list.map((one) => Number(field(one, "status", "total", what) ?? 0));
    return list.length === 0 ? "-" : String(counts.reduce((total, count) => total + count, 0));
  };
  const connected = field(newest, "connectTime");
  return [
    typeof connected === "string" ? ageOf(connected, Date.now()) : "-",
    sum("responsesSent"),
    sum("responsesRejected"),
    timeLeft(field(insight, "mTLS", "certificateExpirationTime"), Date.now()),
    text(field(newest, "version", "envoy", "version")),
  ];
}
