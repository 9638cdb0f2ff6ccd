import type { Unchecked, Violation } from "@meridian/model";
import { isZeroDuration } from "../core/fragments/legacy-durations.ts";
import { validateOutboundLists } from "../core/fragments/source-destination.ts";
import type { TimeoutConf, TimeoutSpec } from "./schema.ts";

/** Source of rules and words: resources-legacy.md section 8. An empty `conf` is fine, an empty section is not. */
export function validateTimeout(spec: Unchecked<TimeoutSpec>): readonly Violation[] {
  return [...validateOutboundLists(spec), ...validateConf(spec.conf)];
}

const whenDefined = "has to be greater than 0 when defined";

function validateConf(conf: Unchecked<TimeoutConf> | undefined): readonly Violation[] {
  if (!conf) return [{ path: "conf", message: "has to be defined" }];
  const { tcp, http, grpc } = conf;
  return [
    ...(tcp ? validateSection("conf.tcp", { idleTimeout: tcp.idleTimeout }, "has to be greater than 0") : []),
    // The two other fields of `http` neither count nor need to be above 0: there 0 means no limit.
    ...(http
      ? validateSection("conf.http", { requestTimeout: http.requestTimeout, idleTimeout: http.idleTimeout }, whenDefined)
      : []),
    ...(grpc ? validateSection("conf.grpc", grpc, whenDefined) : []),
  ];
}

function validateSection(
  path: string,
  timeouts: Readonly<Record<string, string | undefined>>,
  message: string,
): readonly Violation[] {
  const defined = Object.entries(timeouts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (defined.length === 0) return [{ path, message: "at least one timeout in section has to be defined" }];
  return defined.flatMap(([field, text]) => (isZeroDuration(text) ? [{ path: `${path}.${field}`, message }] : []));
}
