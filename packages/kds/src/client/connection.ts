import type { Logger } from "@meridian/base";
import type { WebSocket } from "ws";
import { closeCodes, MalformedFrameError, type RefusalCode } from "../errors.ts";
import { Channel, type ChannelEnd } from "../link/channel.ts";
import { decodeHubFrame, encodeFrame } from "../protocol/codec.ts";
import type { FrameOf, HubFrame, ZoneFrame } from "../protocol/frames.ts";

export type Welcome = FrameOf<HubFrame, "welcome">;

/** How a connection ended. A refusal has the global's code and words. */
export interface ConnectionEnd {
  readonly welcomed: boolean;
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly reason: string;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly hello: FrameOf<ZoneFrame, "hello">;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly logger: Logger;
  readonly onWelcome: (welcome: Welcome, connection: Connection) => void;
  /** Frames after the welcome. */
  readonly onFrame: (frame: HubFrame) => void;
}

/** A claim that the global has to settle with other replicas takes a few seconds. */
const welcomeTimeoutMs = 30_000;

/** One connection to the global: hello, welcome or refusal, then frames until it ends. */
export class Connection {
  readonly ended: Promise<ConnectionEnd>;
  readonly #options: ConnectionOptions;
  readonly #channel: Channel<HubFrame>;
  #welcomed = false;
  #refusal: { readonly code: string; readonly message: string } | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    let resolve: (end: ConnectionEnd) => void = () => {};
    this.ended = new Promise((done) => {
      resolve = done;
    });
    const timer = setTimeout(() => this.#channel.cut("the global did not answer the hello"), welcomeTimeoutMs);
    this.#channel = new Channel<HubFrame>({
      ...options,
      decode: decodeHubFrame,
      onFrame: (frame) => this.#onFrame(frame, timer),
      onBug: (error) => options.logger.error({ err: error }, "frame of the global not handled"),
      onClosed: (end) => {
        clearTimeout(timer);
        resolve(this.#describeEnd(end));
      },
    });
    this.send(options.hello);
  }

  get waitingBytes(): number {
    return this.#options.socket.bufferedAmount;
  }

  get bytesReceived(): number {
    return this.#channel.bytesReceived;
  }

  send(frame: ZoneFrame): void {
    this.#channel.send(encodeFrame(frame));
  }

  close(code: number, reason: string): void {
    this.#channel.close(code, reason);
  }

  #onFrame(frame: HubFrame, timer: NodeJS.Timeout): void {
    if (frame.type === "refuse") {
      this.#refusal = { code: frame.code, message: frame.message };
      return;
    }
    if (this.#welcomed) {
      this.#options.onFrame(frame);
      return;
    }
    if (frame.type !== "welcome") throw new MalformedFrameError(`${frame.type} before the welcome`);
    clearTimeout(timer);
    this.#welcomed = true;
    this.#options.onWelcome(frame, this);
  }

  #describeEnd(end: ChannelEnd): ConnectionEnd {
    const code = (Object.keys(closeCodes) as RefusalCode[]).find((name) => closeCodes[name] === end.code);
    const refusal = this.#refusal ?? (code && { code, message: end.reason });
    const reason = refusal?.message ?? (end.reason || `the connection to the global ended (code ${end.code})`);
    return { welcomed: this.#welcomed, reason, ...(refusal && { refusal }) };
  }
}
