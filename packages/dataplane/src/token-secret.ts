import { type FSWatcher, watch } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorMessage, type Logger } from "@meridian/base";
import { readInput } from "./resource-file.ts";

export interface TokenSecretOptions {
  /** Absent: the proxy has no token. */
  readonly tokenFile?: string;
  readonly workDirectory: string;
  readonly logger: Logger;
}

/** A change that no watch tells of is seen after this time at the latest. */
const backstopMs = 30_000;

/**
 * The proxy's token as Envoy reads it: a secret in a file of the work directory that follows the file which the user renews, so that
 * the next stream to the control plane brings the token that is good then, without a restart. Envoy notices that the secret was
 * moved into place (config_source.proto, `PathConfigSource.path`).
 */
export class TokenSecret {
  readonly #options: TokenSecretOptions;
  #value = "";
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewals = Promise.resolve();

  constructor(options: TokenSecretOptions) {
    this.#options = options;
  }

  /** Trimmed, as it is now; "" when there is none. */
  get value(): string {
    return this.#value;
  }

  /** Of Envoy's secret; "" when there is no token. */
  get path(): string {
    return this.#value === "" ? "" : join(this.#options.workDirectory, "token.json");
  }

  /** Reads the token. @throws DataplaneInputError when the file cannot be read */
  async read(): Promise<void> {
    const { tokenFile } = this.#options;
    if (tokenFile !== undefined) this.#value = (await readInput(tokenFile, "--token-file")).trim();
  }

  /** Writes Envoy's secret, and again whenever the token changes. The work directory must be there. */
  async start(): Promise<void> {
    const { tokenFile, logger } = this.#options;
    if (tokenFile === undefined || this.path === "") return;
    await this.#write(this.#value);
    const renew = (): void => {
      this.#renewals = this.#renewals.then(() => this.#renew(tokenFile));
    };
    try {
      // The directory: who renews a file may put another in its place.
      this.#watcher = watch(dirname(tokenFile), renew);
      this.#watcher.on("error", (error) => logger.debug({ reason: errorMessage(error) }, "the token's file is not watched"));
    } catch (error) {
      logger.debug({ reason: errorMessage(error) }, "the token's file is not watched");
    }
    this.#timer = setInterval(renew, backstopMs);
    renew();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#renewals;
  }

  /** A file that is gone or empty is about to be written. */
  async #renew(tokenFile: string): Promise<void> {
    const { logger } = this.#options;
    const value = await readFile(tokenFile, "utf8").then(
      (text) => text.trim(),
      () => "",
    );
    if (value === "" || value === this.#value) return;
    try {
      await this.#write(value);
      this.#value = value;
      logger.info("the token was renewed: the next connection to the control plane brings the new one");
    } catch (error) {
      logger.warn({ reason: errorMessage(error) }, "the renewed token cannot be handed to Envoy; trying again");
    }
  }

  async #write(token: string): Promise<void> {
    const secret = {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
      name: "token",
      genericSecret: { secret: { inlineString: token } },
    };
    const next = `${this.path}.next`;
    await writeFile(next, JSON.stringify({ resources: [secret] }), { mode: 0o600 });
    await rename(next, this.path);
  }
}
