import type { Protocol } from "@meridian/policies";

/** What each protocol can also be treated as, best first (reference: policies-envoy.md 0.4). */
const stacks: Readonly<Record<Protocol, readonly Protocol[]>> = {
  grpc: ["grpc", "http2", "tcp"],
  http2: ["http2", "tcp"],
  http: ["http", "tcp"],
  kafka: ["kafka", "tcp"],
  tcp: ["tcp"],
  unknown: [],
};

/** `tls` and words that we do not know are plain bytes to us. */
export function asProtocol(text: string | undefined): Protocol {
  if (text === undefined || text === "") return "unknown";
  return text in stacks ? (text as Protocol) : "tcp";
}

/** The best protocol that all share; `unknown` as soon as one is. Undefined for none at all. */
export function commonProtocol(protocols: Iterable<Protocol>): Protocol | undefined {
  let common: Protocol | undefined;
  for (const protocol of protocols) {
    if (common === undefined) common = protocol;
    else if (common !== protocol) common = stacks[common].find((each) => stacks[protocol].includes(each)) ?? "unknown";
  }
  return common;
}

export function isHttp(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2" || protocol === "grpc";
}
