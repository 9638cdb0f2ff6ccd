import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import { BootstrapRefusedError, DataplaneInputError } from "./errors.ts";

export interface ControlPlaneClientOptions {
  /** `https://HOST:5678`. */
  readonly url: string;
  /** PEM; the system's CAs when absent. */
  readonly caPem?: string;
  readonly logger: Logger;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const requestTimeoutMs = 10_000;
/** Nobody waits for the answer to a goodbye. */
const goodbyeTimeoutMs = 2_000;
/** An unchanged reason is logged again after this time, so that the log shows that we still try. */
const repeatMs = 30_000;

/** Speaks to the data plane port of a control plane. */
export class ControlPlaneClient {
  readonly #options: ControlPlaneClientOptions;
  readonly #url: URL;

  /** @throws DataplaneInputError when the URL is none. */
  constructor(options: ControlPlaneClientOptions) {
    this.#options = options;
    this.#url = parseUrl(options.url);
  }

  /**
   * Asks for the bootstrap until there is an answer, and returns its text: Envoy's YAML. While the control plane is away, or the
   * resource has not reached it yet, it keeps trying, each time with the body as it is then. Undefined when `signal` aborts first.
   * @throws BootstrapRefusedError on a final answer.
   */
  async bootstrap(body: () => string, signal: AbortSignal): Promise<string | undefined> {
    const backoff = new Backoff({ initialMs: 200, maxMs: 5_000 });
    const report = this.#reporter();
    while (!signal.aborted) {
      const outcome = await this.#post("/bootstrap", body(), within(requestTimeoutMs, signal)).catch((error: unknown) =>
        reasonOf(error),
      );
      if (signal.aborted) return undefined;
      if (typeof outcome === "string") report(outcome);
      else if (outcome.status === 200) return bootstrapText(outcome);
      else if (isFinal(outcome)) throw new BootstrapRefusedError(outcome.status, outcome.body.trim());
      else
        report(
          outcome.status === 404 ? "it does not know this proxy yet" : `it answered ${outcome.status} ${outcome.body.trim()}`,
        );
      await delay(backoff.nextDelayMs(), signal);
    }
    return undefined;
  }

  /** Best effort: the control plane also notices that the stream ends, only later. */
  async goodbye(body: string): Promise<void> {
    await this.#post("/goodbye", body, within(goodbyeTimeoutMs)).catch((error: unknown) => {
      this.#options.logger.debug({ reason: reasonOf(error) }, "the control plane did not hear the goodbye");
    });
  }

  #reporter(): (reason: string) => void {
    let last = { reason: "", atMs: Number.NEGATIVE_INFINITY };
    return (reason) => {
      const now = performance.now();
      if (reason === last.reason && now - last.atMs < repeatMs) return;
      last = { reason, atMs: now };
      this.#options.logger.warn({ controlPlane: this.#url.origin, reason }, "no bootstrap from the control plane yet; trying on");
    };
  }

  #post(path: string, body: string, signal: AbortSignal): Promise<Answer> {
    const url = new URL(path, this.#url);
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = { accept: "application/json", "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const request = send(url, { method: "POST", headers, signal, agent: false, ca: this.#options.caPem }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, contentType: response.headers["content-type"] ?? "", body: text });
        });
      });
      request.on("error", reject).end(body);
    });
  }
}

function within(timeoutMs: number, signal?: AbortSignal): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ["https:", "http:"].includes(url.protocol) && url.hostname !== "") return url;
  throw new DataplaneInputError(`--cp ${text}: must be a URL such as https://zone.example.com:5678`);
}

/** The peer's rule: only an empty 404 and what is the server's fault may change by itself. */
function isFinal({ status, body }: Answer): boolean {
  return status >= 400 && status < 500 && !(status === 404 && body.trim() === "");
}

function bootstrapText({ contentType, body }: Answer): string {
  if (!contentType.includes("application/json")) return body;
  const { bootstrap } = JSON.parse(body) as { readonly bootstrap: string };
  return Buffer.from(bootstrap, "base64").toString("utf8");
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name cannot be resolved now",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  ECONNRESET: "it closed the connection",
  TIMEOUT: "it did not answer in time",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is not for this host name",
};

/** OpenSSL's ways of saying that nobody we trust signed it. */
const untrusted = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|UNTRUSTED/;

function reasonOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  if (error instanceof Error && error.name === "AbortError") return reasons["TIMEOUT"] ?? "";
  if (typeof code !== "string") return errorMessage(error);
  if (untrusted.test(code)) return "its certificate is not signed by a trusted CA; name its CA with --ca-cert-file";
  return reasons[code] ?? errorMessage(error);
}
