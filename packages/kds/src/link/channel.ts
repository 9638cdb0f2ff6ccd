import { errorMessage } from "@meridian/base";
import type { RawData, WebSocket } from "ws";
import { closeCodes, MalformedFrameError, type RefusalCode } from "../errors.ts";
import { Heartbeat } from "./heartbeat.ts";

export interface ChannelOptions<In> {
  readonly socket: WebSocket;
  readonly decode: (data: Uint8Array) => In;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly onFrame: (frame: In) => void;
  /** Exactly once, however it ended. */
  readonly onClosed: (end: ChannelEnd) => void;
  readonly onBug: (error: unknown) => void;
  /** Anything came from the peer, be it only the answer to a heartbeat. */
  readonly onHeard?: () => void;
  /** With each heartbeat that goes out. */
  readonly onBeat?: () => void;
}

export interface ChannelEnd {
  readonly code: number;
  readonly reason: string;
}

/** How long the peer has to answer a close before its socket is cut. */
const closeTimeoutMs = 1000;
/** ws allows 123 bytes of reason in a close frame (RFC 6455 section 5.5). */
const maxCloseReasonBytes = 120;

/** A websocket that carries frames: strict decoding, heartbeats, one clear end. Both sides of the link use it. */
export class Channel<In> {
  readonly #options: ChannelOptions<In>;
  readonly #heartbeat: Heartbeat;
  readonly #probes = new Set<(alive: boolean) => void>();
  #ended = false;
  #why: ChannelEnd | undefined;
  bytesReceived = 0;

  constructor(options: ChannelOptions<In>) {
    this.#options = options;
    const { socket, heartbeatIntervalMs, heartbeatTimeoutMs } = options;
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("ping", () => this.#heard());
    socket.on("pong", () => this.#heard());
    socket.on("error", (error) => {
      this.#why ??= { code: 1006, reason: errorMessage(error) };
    });
    socket.on("close", (code, reason) => this.#end({ code, reason: reason.toString() }));
    if (socket.isPaused) socket.resume();
    this.#heartbeat = new Heartbeat({
      intervalMs: heartbeatIntervalMs,
      timeoutMs: heartbeatTimeoutMs,
      beat: () => {
        this.#ping();
        options.onBeat?.();
      },
      onDead: () => this.cut(`nothing was heard for ${heartbeatTimeoutMs} ms`),
    });
  }

  get isOpen(): boolean {
    return !this.#ended && this.#options.socket.readyState === this.#options.socket.OPEN;
  }

  send(frame: Uint8Array): void {
    if (this.isOpen) this.#options.socket.send(frame);
  }

  /** Ends with a code and a reason that the peer sees. */
  close(code: number, reason: string): void {
    this.#why ??= { code, reason };
    this.#heartbeat.stop();
    const { socket } = this.#options;
    socket.close(code, cutText(reason, maxCloseReasonBytes));
    setTimeout(() => socket.terminate(), closeTimeoutMs).unref();
  }

  closeWith(refusal: { readonly code: RefusalCode; readonly message: string }): void {
    this.close(closeCodes[refusal.code], refusal.message);
  }

  /** Ends without waiting for the peer. */
  cut(reason: string): void {
    this.#why ??= { code: 1006, reason };
    this.#options.socket.terminate();
  }

  /** Asks the peer for a sign of life. */
  async probe(timeoutMs: number): Promise<boolean> {
    if (!this.isOpen) return false;
    return new Promise((resolve) => {
      const done = (alive: boolean): void => {
        clearTimeout(timer);
        this.#probes.delete(done);
        resolve(alive);
      };
      const timer = setTimeout(() => done(false), timeoutMs);
      this.#probes.add(done);
      this.#ping();
    });
  }

  #ping(): void {
    if (this.isOpen) this.#options.socket.ping();
  }

  #heard(): void {
    this.#heartbeat.heard();
    for (const probe of [...this.#probes]) probe(true);
    this.#options.onHeard?.();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#why) return;
    this.#heard();
    try {
      if (!isBinary || !(data instanceof Buffer)) throw new MalformedFrameError("a text message; frames are binary");
      this.bytesReceived += data.length;
      this.#options.onFrame(this.#options.decode(data));
    } catch (error) {
      if (error instanceof MalformedFrameError) {
        this.closeWith(error);
        return;
      }
      // Our bug: it costs this connection, which resumes, and not the process.
      this.#options.onBug(error);
      this.close(1011, "internal error");
    }
  }

  #end(end: ChannelEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat.stop();
    for (const probe of [...this.#probes]) probe(false);
    this.#options.onClosed(this.#why ?? end);
  }
}

/** Cuts at a character, to at most `maxBytes` of UTF-8. */
function cutText(text: string, maxBytes: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > maxBytes) cut = cut.slice(0, -1);
  return cut;
}
