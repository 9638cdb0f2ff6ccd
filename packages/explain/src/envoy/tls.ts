import { configOf, fieldAt, type Json, listOf } from "./json.ts";
import { fitsString } from "./strings.ts";

/** Newest last (TlsParameters.TlsProtocol). What is not set is TLS 1.2 to 1.3 on both sides. */
const versions = ["TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"];

/** Why the two ends cannot shake hands; undefined: they can. */
export function tlsMismatch(ends: {
  /** The cluster of the client and the URI names of its certificate. */
  readonly cluster: Json;
  readonly clientUris: readonly string[];
  /** The filter chain of the server and the URI names of its certificate. */
  readonly chain: Json;
  readonly serverUris: readonly string[];
}): string | undefined {
  const upstream = configOf(ends.cluster["transportSocket"], ".UpstreamTlsContext");
  const downstream = configOf(ends.chain["transportSocket"], ".DownstreamTlsContext");
  if (!upstream && !downstream) return undefined;
  if (!upstream) return "the server wants TLS and the client speaks plaintext";
  if (!downstream) return "the client speaks TLS and the server does not";
  const client = versionRange(upstream);
  const server = versionRange(downstream);
  if (client.min > server.max || server.min > client.max) {
    return `the client speaks ${rangeText(client)} and the server ${rangeText(server)}`;
  }
  if (!accepts(upstream, ends.serverUris)) {
    return `the client expects ${wantedText(upstream)} and the server is ${ends.serverUris[0] ?? "nobody"}`;
  }
  if (!accepts(downstream, ends.clientUris)) {
    return `the server expects ${wantedText(downstream)} and the client is ${ends.clientUris[0] ?? "nobody"}`;
  }
  return undefined;
}

interface VersionRange {
  readonly min: number;
  readonly max: number;
}

function versionRange(tls: Json): VersionRange {
  const { tlsMinimumProtocolVersion, tlsMaximumProtocolVersion } = Object(fieldAt(tls, "commonTlsContext", "tlsParams")) as Json;
  const place = (version: unknown, otherwise: number): number => {
    const index = versions.indexOf(String(version));
    return index < 0 ? otherwise : index;
  };
  return { min: place(tlsMinimumProtocolVersion, 2), max: place(tlsMaximumProtocolVersion, 3) };
}

function rangeText({ min, max }: VersionRange): string {
  const text = (version: number): string => `TLS 1.${version}`;
  return min === max ? text(min) : `${text(min)} to ${text(max)}`;
}

/** Whether one of the names in a certificate is one that this end accepts; without matchers any is. */
function accepts(tls: Json, uris: readonly string[]): boolean {
  const matchers = sanMatchers(tls);
  return matchers.length === 0 || matchers.some((matcher) => uris.some((uri) => fitsString(matcher, uri) !== false));
}

function wantedText(tls: Json): string {
  return sanMatchers(tls)
    .map(({ exact, prefix }) => String(exact ?? `${String(prefix)}…`))
    .join(" or ");
}

function sanMatchers(tls: Json): readonly Json[] {
  const common = tls["commonTlsContext"];
  const context =
    fieldAt(common, "combinedValidationContext", "defaultValidationContext") ?? fieldAt(common, "validationContext");
  return listOf(fieldAt(context, "matchTypedSubjectAltNames"))
    .filter(({ sanType }) => sanType === "URI")
    .map(({ matcher }) => matcher as Json);
}
