import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { IncompatibleVersionError } from "../errors.ts";
import { maxFrameSizeBytes, subprotocol } from "../protocol/frames.ts";

export interface DialOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly caCert?: string;
  readonly skipTlsVerify?: boolean;
  readonly signal: AbortSignal;
}

/** Why there is no connection. `isRefusal`: the global answered and said no, so trying again soon does not help. */
export interface DialFailure {
  readonly code: string;
  readonly reason: string;
  readonly isRefusal: boolean;
}

export type Dialled = { readonly ok: true; readonly socket: WebSocket } | ({ readonly ok: false } & DialFailure);

const dialTimeoutMs = 10_000;
const maxErrorBodyBytes = 16_384;

/** Opens the websocket to a global; what goes wrong comes back in words for an operator. */
export function dial(options: DialOptions): Promise<Dialled> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    const fail = (failure: DialFailure): void => {
      options.signal.removeEventListener("abort", onAbort);
      resolve({ ok: false, ...failure });
    };
    const onAbort = (): void => socket.terminate();
    try {
      socket = new WebSocket(options.url, [subprotocol], {
        maxPayload: maxFrameSizeBytes,
        perMessageDeflate: false,
        handshakeTimeout: dialTimeoutMs,
        headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
        ...(options.caCert !== undefined && { ca: options.caCert }),
        ...(options.skipTlsVerify && { rejectUnauthorized: false }),
      });
    } catch (error) {
      const reason =
        error instanceof SyntaxError
          ? `${options.url} is not an address like ws://HOST:5685 or wss://HOST:5685`
          : describe(error, options.url).reason;
      return resolve({ ok: false, code: "BAD_ADDRESS", reason, isRefusal: true });
    }
    options.signal.addEventListener("abort", onAbort, { once: true });
    socket.once("open", () => {
      options.signal.removeEventListener("abort", onAbort);
      // What the peer sent along with its answer waits until the channel listens.
      socket.pause();
      resolve({ ok: true, socket });
    });
    socket.on("error", (error) => fail(describe(error, options.url)));
    socket.once("unexpected-response", (request, response) => {
      explainAnswer(response, options.url)
        .then(fail)
        .catch((error: unknown) => fail(describe(error, options.url)))
        .finally(() => request.destroy());
    });
  });
}

/** What a global says over HTTP to a zone that it does not let in. */
const httpRefusals = new Set<unknown>(["INCOMPATIBLE_VERSION", "TLS_REQUIRED"]);

/** The global answers what it does not speak, or not here, with HTTP and a JSON body; anything else is not a global. */
async function explainAnswer(response: IncomingMessage, url: string): Promise<DialFailure> {
  const notHub = {
    code: "NOT_A_HUB",
    reason: `${url} answered HTTP ${response.statusCode} and no websocket: is it the global's KDS port (5685)?`,
    isRefusal: true,
  };
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > maxErrorBodyBytes) return notHub;
    chunks.push(chunk as Buffer);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly code?: unknown; readonly message?: unknown };
    if (!httpRefusals.has(body.code) || typeof body.message !== "string") return notHub;
    return { code: String(body.code), reason: body.message, isRefusal: true };
  } catch {
    return notHub;
  }
}

/** Node's codes for certificates that do not verify (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const certificateErrors: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: check both clocks",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed: give its CA with --global-ca-file",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown CA: give that CA with --global-ca-file",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an unknown CA: give that CA with --global-ca-file",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown CA: give that CA with --global-ca-file",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
};

const networkErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset; does one side speak TLS (wss://) and the other not (ws://)?",
  EHOSTUNREACH: "the host cannot be reached",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name cannot be resolved right now",
  ETIMEDOUT: "no answer in time",
  EPROTO: "the peer does not speak TLS: is it ws:// instead of wss://?",
  ERR_SSL_WRONG_VERSION_NUMBER: "the peer does not speak TLS: is it ws:// instead of wss://?",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the peer does not speak TLS: is it ws:// instead of wss://?",
};

function describe(error: unknown, url: string): DialFailure {
  const { code = "", message = String(error) } = error as { readonly code?: string; readonly message?: string };
  const certificate = certificateErrors[code];
  if (certificate) return { code: "CERTIFICATE", reason: `${url}: ${certificate}`, isRefusal: true };
  if (/subprotocol/i.test(message)) {
    const refusal = new IncompatibleVersionError("no websocket subprotocol of Meridian", subprotocol);
    return { code: refusal.code, reason: refusal.message, isRefusal: true };
  }
  return { code: "UNREACHABLE", reason: `${url}: ${networkErrors[code] ?? message}`, isRefusal: false };
}
