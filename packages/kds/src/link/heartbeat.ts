export interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Makes the peer answer. */
  readonly beat: () => void;
  readonly onDead: () => void;
}

/**
 * Notices that the peer went silent. It counts beats without an answer and not the time that passed: after a stall of this
 * process's own event loop, when input may wait unread, a single beat has been missed, whatever the clock says.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  readonly #allowedSilentBeats: number;
  #silentBeats = 0;

  constructor({ intervalMs, timeoutMs, beat, onDead }: HeartbeatOptions) {
    this.#allowedSilentBeats = Math.max(2, Math.ceil(timeoutMs / intervalMs));
    this.#timer = setInterval(() => {
      if (this.#silentBeats >= this.#allowedSilentBeats) {
        this.stop();
        onDead();
        return;
      }
      this.#silentBeats += 1;
      beat();
    }, intervalMs);
  }

  /** Anything came from the peer. */
  heard(): void {
    this.#silentBeats = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
