import { at, type Unchecked, type Violation } from "@meridian/model";
import { isZeroDuration } from "../core/fragments/legacy-durations.ts";
import { validateOutboundLists } from "../core/fragments/source-destination.ts";
import type { GrpcRetry, HttpRetry, RetrySpec } from "./schema.ts";

/** Source of rules and words: resources-legacy.md section 7. */
export function validateRetry(spec: Unchecked<RetrySpec>): readonly Violation[] {
  return [...validateOutboundLists(spec), ...validateConf(spec.conf)];
}

function validateConf(conf: Unchecked<RetrySpec["conf"]> | undefined): readonly Violation[] {
  if (!conf) return [{ path: "conf", message: "has to be defined" }];
  const { http, grpc, tcp } = conf;
  if (!http && !grpc && !tcp) return [{ path: "conf", message: "missing protocol [grpc|http|tcp] configuration" }];
  const attemptsMissing = tcp && !tcp.maxConnectAttempts;
  return [
    ...(http ? validateHttp("conf.http", http) : []),
    ...(grpc ? validateGrpc("conf.grpc", grpc) : []),
    ...(attemptsMissing ? [{ path: "conf.tcp.maxConnectAttempts", message: "has to be greater than 0" }] : []),
  ];
}

function validateHttp(path: string, http: Unchecked<HttpRetry>): readonly Violation[] {
  if (isEmpty(http)) return [{ path, message: "field cannot be empty" }];
  const methods = (http.retriableMethods ?? []).flatMap((method, index) =>
    method === "NONE" ? [{ path: at(`${path}.retriableMethods`, index), message: "field cannot be empty" }] : [],
  );
  const codesAreListed = (http.retriableStatusCodes ?? []).length > 0;
  const conditions = (http.retryOn ?? []).flatMap((condition, index) => {
    if (condition !== "retriable_status_codes" || codesAreListed) return [];
    const message = "retriableStatusCodes cannot be empty when this option is specified";
    return [{ path: at(`${path}.retryOn`, index), message }];
  });
  return [...validateAttempts(path, http), ...methods, ...conditions];
}

function validateGrpc(path: string, grpc: Unchecked<GrpcRetry>): readonly Violation[] {
  if (isEmpty(grpc)) return [{ path, message: "field cannot be empty" }];
  return [...validateAttempts(path, grpc), ...validateUnique(`${path}.retryOn`, (grpc.retryOn ?? []) as readonly string[])];
}

type Attempts = Unchecked<Pick<HttpRetry, "numRetries" | "perTryTimeout" | "backOff">>;

function validateAttempts(path: string, attempts: Attempts): readonly Violation[] {
  const whenDefined = "has to be greater than 0 when defined";
  const violations: Violation[] = [];
  if (attempts.numRetries === 0) violations.push({ path: `${path}.numRetries`, message: whenDefined });
  if (isZero(attempts.perTryTimeout)) violations.push({ path: `${path}.perTryTimeout`, message: whenDefined });
  const { backOff } = attempts;
  if (!backOff) return violations;
  const { baseInterval, maxInterval } = backOff;
  const where = `${path}.backOff.baseInterval`;
  if (baseInterval === undefined) violations.push({ path: where, message: "has to be defined" });
  else if (isZeroDuration(baseInterval)) violations.push({ path: where, message: "has to be greater than 0" });
  if (isZero(maxInterval)) violations.push({ path: `${path}.backOff.maxInterval`, message: whenDefined });
  return violations;
}

/** An empty list counts as absent, as in proto JSON. */
function isEmpty(section: object): boolean {
  return Object.values(section).every((value) => Array.isArray(value) && value.length === 0);
}

function isZero(duration: string | undefined): boolean {
  return duration !== undefined && isZeroDuration(duration);
}

function validateUnique(path: string, values: readonly string[]): readonly Violation[] {
  return [...new Set(values)].flatMap((value) => {
    const indexes = values.flatMap((other, index) => (other === value ? [index] : []));
    if (indexes.length === 1) return [];
    return [{ path, message: `repeated value "${value}" at indexes [${indexes.join(", ")}]` }];
  });
}
