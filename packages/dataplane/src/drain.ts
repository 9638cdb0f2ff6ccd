import { delay, errorMessage, type Logger } from "@meridian/base";
import { type AdminAddress, activeConnections, askAdmin } from "./admin.ts";

export interface DrainOptions {
  readonly admin: AdminAddress;
  readonly drainTimeMs: number;
  /** Ends the wait at once. */
  readonly cut: AbortSignal;
  readonly logger: Logger;
}

const pollMs = 200;

/**
 * Lets connections finish: Envoy fails health checks, asks HTTP clients to leave (`Connection: close`, GOAWAY), and goes on serving
 * until none is left or the time is over. Never throws: an Envoy that cannot be asked is stopped all the same.
 */
export async function drainEnvoy({ admin, drainTimeMs, cut, logger }: DrainOptions): Promise<void> {
  if (drainTimeMs <= 0 || cut.aborted) return;
  try {
    await askAdmin(admin, "/healthcheck/fail", "POST");
    await askAdmin(admin, "/drain_listeners?graceful", "POST");
    const deadline = performance.now() + drainTimeMs;
    while (!cut.aborted && performance.now() < deadline) {
      if ((await activeConnections(admin)) === 0) return;
      await delay(Math.min(pollMs, deadline - performance.now()), cut);
    }
    if (!cut.aborted) logger.warn({ drainTimeMs }, "connections are still open at the end of the drain time");
  } catch (error) {
    logger.warn({ reason: errorMessage(error) }, "Envoy cannot be drained");
  }
}
