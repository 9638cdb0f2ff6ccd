/** Where the words of Envoy's fields say too little, or too much. The first that fits counts. */
const friendly: readonly (readonly [path: RegExp, name: string])[] = [
  [/^route\/timeout$/, "request timeout"],
  [/^route\/idleTimeout$/, "stream idle timeout"],
  [/commonHttpProtocolOptions\/idleTimeout$/, "idle timeout of HTTP connections"],
  [/retryPolicy\/numRetries$/, "retries"],
  [/retryBackOff\/baseInterval$/, "backoff from"],
  [/retryBackOff\/maxInterval$/, "backoff up to"],
  [/httpHealthCheck\/path$/, "HTTP path"],
  [/tokenBucket$/, "rate"],
  [/abort\/httpStatus$/, "abort with status"],
  [/abort\/percentage$/, "abort share"],
  [/delay\/fixedDelay$/, "delay"],
  [/delay\/percentage$/, "delay share"],
  [/lbPolicy$/, "policy"],
  [/accessLog\/.*\/path$/, "file"],
  [/logFormat\/.*\/(inlineString|textFormat)$/, "format"],
];

/** Parts of a path that say where something stands, but not what it is. */
const containers = new Set([
  ...["filters", "httpFilters", "typedConfig", "typedExtensionProtocolOptions", "typedPerFilterConfig", "route", "value"],
  ...["commonHttpProtocolOptions", "retryPolicy", "circuitBreakers", "thresholds", "outlierDetection", "healthChecks"],
]);

/** `connect timeout`, `max requests`: the last words of a path, which tell enough beside the topic. */
export function settingName(path: string): string {
  const name = friendly.find(([pattern]) => pattern.test(path))?.[1];
  if (name !== undefined) return name;
  const telling = path.split("/").filter((part) => !containers.has(part) && !/^\d+$/.test(part) && !part.startsWith("envoy."));
  const parts = telling.length > 0 ? telling : path.split("/").slice(-1);
  return parts.slice(-2).map(words).join(", ");
}

function words(field: string): string {
  return field
    .replace(/[A-Z]+/g, (capitals) => ` ${capitals.toLowerCase()}`)
    .replace(/(?<=[a-z])(?=\d)/g, " ")
    .trim();
}
