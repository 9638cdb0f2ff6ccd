import { errorMessage, type Logger } from "@meridian/base";
import type { WebSocket } from "ws";
import { MalformedFrameError, type RefusalError } from "../errors.ts";
import { Channel, type ChannelEnd } from "../link/channel.ts";
import { decodeZoneFrame, encodeFrame } from "../protocol/codec.ts";
import { maxHelloSizeBytes, type ZoneFrame } from "../protocol/frames.ts";
import { type Hello, unavailable } from "./handshake.ts";
import type { ZoneSession } from "./session.ts";

export interface AcceptOptions {
  readonly socket: WebSocket;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly helloTimeoutMs: number;
  readonly logger: Logger;
  /** Decides on the zone: a session, a refusal, or undefined when the zone only asked or left meanwhile. */
  readonly decide: (hello: Hello, channel: Channel<ZoneFrame>) => Promise<ZoneSession | RefusalError | undefined>;
  readonly onRefused: (zone: string, refusal: RefusalError) => void;
  readonly onHeard: (session: ZoneSession) => void;
  readonly onBeat: (session: ZoneSession) => void;
  readonly onClosed: (session: ZoneSession, end: ChannelEnd) => void;
}

/** One websocket from its opening to its end: a hello, a decision, then frames for the session. */
export function acceptZone(options: AcceptOptions): Channel<ZoneFrame> {
  const { socket, logger, heartbeatIntervalMs, heartbeatTimeoutMs } = options;
  let hello: Hello | undefined;
  let session: ZoneSession | undefined;
  let ended = false;
  const early: ZoneFrame[] = [];
  const helloTimer = setTimeout(() => channel.cut("no hello arrived"), options.helloTimeoutMs);

  const channel: Channel<ZoneFrame> = new Channel<ZoneFrame>({
    socket,
    decode: decodeZoneFrame,
    heartbeatIntervalMs,
    heartbeatTimeoutMs,
    onFrame: (frame) => {
      if (session) session.onFrame(frame);
      else if (hello) wait(frame);
      else begin(frame);
    },
    onHeard: () => session && options.onHeard(session),
    onBeat: () => session && options.onBeat(session),
    onBug: (error) => logger.error({ zone: hello?.zone, err: error }, "frame of a zone not handled"),
    onClosed: (end) => {
      ended = true;
      clearTimeout(helloTimer);
      if (session) options.onClosed(session, end);
    },
  });

  function begin(frame: ZoneFrame): void {
    if (frame.type !== "hello") throw new MalformedFrameError(`the first frame is ${frame.type}, not hello`);
    if (channel.bytesReceived > maxHelloSizeBytes) throw new MalformedFrameError("hello is too large");
    clearTimeout(helloTimer);
    hello = frame;
    decide(frame).catch((error: unknown) => logger.error({ zone: frame.zone, err: error }, "handshake failed"));
  }

  /** The decision hands the session over in one step; what came before that waits. */
  function wait(frame: ZoneFrame): void {
    if (early.length > 64) throw new MalformedFrameError("frames before the welcome");
    early.push(frame);
  }

  async function decide(frame: Hello): Promise<void> {
    let decision: ZoneSession | RefusalError | undefined;
    try {
      decision = await options.decide(frame, channel);
    } catch (error) {
      logger.warn({ zone: frame.zone, reason: errorMessage(error) }, "zone not let in");
      decision = unavailable(error);
    }
    if (decision === undefined) return;
    if (decision instanceof Error) {
      options.onRefused(frame.zone, decision);
      channel.send(encodeFrame({ type: "refuse", code: decision.code, message: decision.message }));
      channel.closeWith(decision);
      return;
    }
    session = decision;
    if (ended) return options.onClosed(session, { code: 1006, reason: "left during the handshake" });
    for (const waiting of early.splice(0)) session.onFrame(waiting);
  }

  return channel;
}
