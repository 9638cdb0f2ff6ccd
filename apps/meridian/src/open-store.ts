import { Backoff, type Clock, delay, type Logger, MeridianError } from "@meridian/base";
import { type Store, UnavailableError } from "@meridian/store";

export interface OpenStoreOptions {
  readonly url: string;
  /** What an `embedded:` store is: the global needs SQL, a zone needs little memory. */
  readonly embedded: "pglite" | "lmdb";
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Where an embedded store keeps its files; undefined for others. */
export function embeddedDirectory(url: string): string | undefined {
  return url.startsWith("embedded:") ? url.slice("embedded:".length) : undefined;
}

/**
 * Opens the store, and waits for a database that is not there yet: where everything starts at once, a control plane must not
 * depend on who is first. What is wrong with the URL itself is thrown at once.
 */
export async function waitForStore(options: OpenStoreOptions): Promise<Store> {
  const backoff = new Backoff({ initialMs: 250, maxMs: 5_000 });
  for (;;) {
    try {
      return await openStore(options);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      options.logger.warn({ reason: error.message }, "the store cannot be reached; trying again");
      await delay(backoff.nextDelayMs());
    }
  }
}

/** Opens what the URL names. Only the driver that is used is loaded. @throws MeridianError STORE_URL */
async function openStore({ url, embedded, logger, clock }: OpenStoreOptions): Promise<Store> {
  const directory = embeddedDirectory(url);
  if (directory === "") throw new MeridianError("STORE_URL", "embedded: needs a directory, as in embedded:/var/lib/meridian");
  if (directory !== undefined && embedded === "pglite") {
    const { openPgliteStore } = await import("@meridian/store-sql");
    return openPgliteStore({ directory, logger, clock });
  }
  if (directory !== undefined) {
    const { openLmdbStore } = await import("@meridian/store-lmdb");
    return openLmdbStore({ directory, logger, clock });
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgresStore } = await import("@meridian/store-sql");
    return openPostgresStore({ url, logger, clock });
  }
  throw new MeridianError("STORE_URL", "a store is postgres://USER:PW@HOST/DB or embedded:DIR");
}
