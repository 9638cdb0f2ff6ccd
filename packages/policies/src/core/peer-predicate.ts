import type { ProtoJson } from "./route.ts";
import type { PeerMatch } from "./rule-list.ts";

/** Envoy `xds.type.matcher.v3.Matcher.MatcherList.Predicate` for connections that fit: both conditions where there are two. */
export function peerPredicate({ spiffeID, sni }: PeerMatch): ProtoJson {
  const parts = [
    ...(spiffeID ? [singlePredicate(uriSanInput, { safeRegex: { googleRe2: {}, regex: uriSanRegex(spiffeID) } })] : []),
    ...(sni ? [singlePredicate(serverNameInput, { exact: sni.value })] : []),
  ];
  return parts.length === 1 ? (parts[0] as ProtoJson) : { andMatcher: { predicate: parts } };
}

/**
 * Envoy hands over all URI SANs of a certificate as one text, joined by commas (UriSanInput), and certificates of a mesh CA carry
 * several; so the id may stand anywhere in it. The peer compares the whole text, which only fits certificates with a single SAN.
 */
function uriSanRegex({ type, value }: NonNullable<PeerMatch["spiffeID"]>): string {
  const id = value.replace(/[.*+?^${}()|[\]\\/]/g, (character) => (character === "/" ? character : `\\${character}`));
  return type === "Exact" ? `(?:.*,)?${id}(?:,.*)?` : `(?:.*,)?${id}.*`;
}

function singlePredicate(input: ProtoJson, valueMatch: ProtoJson): ProtoJson {
  return { singlePredicate: { input, valueMatch } };
}

const uriSanInput: ProtoJson = {
  name: "envoy.matching.inputs.uri_san",
  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput" },
};

const serverNameInput: ProtoJson = {
  name: "envoy.matching.inputs.server_name",
  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.ServerNameInput" },
};
