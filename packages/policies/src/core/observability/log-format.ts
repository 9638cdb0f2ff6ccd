import type { ProtoJson } from "../route.ts";

/** How a line of an access log looks; placeholders are filled in later. Absent: `defaultFormat`. */
export type LogFormat =
  | { readonly text: string; readonly omitEmptyValues?: true }
  | { readonly fields: Readonly<Record<string, string>>; readonly omitEmptyValues?: true };

// Values that users of the peer parse (reference: resources-legacy.md section 3).
const httpFormat = [
  '[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%',
  "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-B3-TRACEID?X-DATADOG-TRACEID)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%"',
  '"%KUMA_SOURCE_SERVICE%" "%KUMA_DESTINATION_SERVICE%" "%KUMA_SOURCE_ADDRESS_WITHOUT_PORT%" "%UPSTREAM_HOST%"',
].join(" ");
const tcpFormat = [
  "[%START_TIME%] %RESPONSE_FLAGS% %KUMA_MESH% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT%(%KUMA_SOURCE_SERVICE%)",
  "->%UPSTREAM_HOST%(%KUMA_DESTINATION_SERVICE%) took %DURATION%ms, sent %BYTES_SENT% bytes, received: %BYTES_RECEIVED% bytes",
].join("");

export function defaultFormat(isHttp: boolean): string {
  return isHttp ? httpFormat : tcpFormat;
}

/** Every text in which a placeholder may stand. */
export function textsOf(format: LogFormat | undefined): readonly string[] {
  if (!format) return [httpFormat, tcpFormat];
  return "text" in format ? [format.text] : Object.values(format.fields);
}

/** Envoy `SubstitutionFormatString` in proto JSON. */
export function substitution(content: ProtoJson, omitEmptyValues = false): ProtoJson {
  return { ...content, ...(omitEmptyValues && { omitEmptyValues }) };
}
