import { errorMessage, MeridianError } from "@meridian/base";

/** One bad field, as the API names it. `document` is the index in a batch. */
export interface BadField {
  readonly field: string;
  readonly reason: string;
  readonly document?: number;
}

export interface ApiFailureBody {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly violations: readonly BadField[];
}

/** The control plane answered with an error. `status` says whether a retry can help: only for 503 and 429. */
export class ApiFailure extends MeridianError<"API_FAILURE"> {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly violations: readonly BadField[];

  constructor(body: ApiFailureBody) {
    super("API_FAILURE", body.detail && body.detail !== body.title ? `${body.title} (${body.detail})` : body.title);
    this.status = body.status;
    this.title = body.title;
    this.detail = body.detail;
    this.violations = body.violations;
  }
}

/** No answer came: nobody listens, the name does not resolve, the certificate is not trusted, or it took too long. */
export class Unreachable extends MeridianError<"UNREACHABLE"> {
  readonly address: string;
  /** What the user can check next. */
  readonly hint: string;

  constructor(address: string, reason: string, hint: string, cause: unknown) {
    super("UNREACHABLE", `the control plane at ${address} cannot be reached: ${reason}`, { cause });
    this.address = address;
    this.hint = hint;
  }
}

/** Something answered that is not a Meridian or Kuma control plane. */
export class UnexpectedAnswer extends MeridianError<"UNEXPECTED_ANSWER"> {
  constructor(address: string, what: string) {
    super(
      "UNEXPECTED_ANSWER",
      `${address} answered with ${what}: is this the API address of a control plane (port 5681 or 5682)?`,
    );
  }
}

const certificateCodes = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Says in words why a connection failed. `fetch` hides the system's error in `cause`. */
export function describeConnectionFailure(address: string, error: unknown, timeoutMs: number): Unreachable {
  const code = systemCode(error);
  const [reason, hint] = explain(code, error, address, timeoutMs);
  return new Unreachable(address, reason, hint, error);
}

function explain(code: string, error: unknown, address: string, timeoutMs: number): readonly [reason: string, hint: string] {
  if (code === "ECONNREFUSED") {
    return [
      "nothing listens there",
      "Start one with `meridian global run` or `meridian zone run`, or choose another: `meridian config control-planes list`.",
    ];
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return ["its name does not resolve", "Check the spelling of the address and the DNS of this machine."];
  }
  if (code === "TimeoutError" || code === "ETIMEDOUT" || code === "UND_ERR_CONNECT_TIMEOUT") {
    return [
      `no answer within ${timeoutMs / 1000} s`,
      "Check firewalls between here and there, and `curl ADDRESS/` from this machine.",
    ];
  }
  if (certificateCodes.has(code)) {
    return [
      `its certificate is not trusted (${code})`,
      "Pass the CA that signed it with --ca-cert-file, and use a name that the certificate holds.",
    ];
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return ["it does not speak TLS", `The plain API listens on port 5681: try ${address.replace("https:", "http:")}.`];
  }
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") {
    return [
      "it closed the connection",
      "A TLS port (5682) needs https://; otherwise the control plane may be restarting: try again.",
    ];
  }
  return [innermostMessage(error), "Check the address: `meridian config control-planes list`."];
}

/** What `fetch` fails for stands in the causes of its error. */
function innermostMessage(error: unknown): string {
  let innermost = error;
  for (let depth = 0; innermost instanceof Error && innermost.cause instanceof Error && depth < 5; depth++)
    innermost = innermost.cause;
  return errorMessage(innermost);
}

function systemCode(error: unknown): string {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ("code" in current && typeof current.code === "string") return current.code;
    if (current.name === "TimeoutError") return current.name;
    if (current instanceof AggregateError) return systemCode(current.errors[0]);
  }
  return "";
}
