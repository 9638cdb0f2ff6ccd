import { once } from "node:events";
import { WebSocket } from "ws";
import { decodeHubFrame, encodeFrame } from "../protocol/codec.ts";
import { type FrameOf, type HubFrame, subprotocol, type ZoneFrame } from "../protocol/frames.ts";
import { goodToken, until } from "./fabric.ts";

/** A zone that a test plays frame by frame: a slow one, a wrong one, a hostile one. */
export class RawZone {
  readonly frames: HubFrame[] = [];
  readonly socket: WebSocket;
  readonly zone: string;
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(port: number, zone: string) {
    this.zone = zone;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`, [subprotocol], {
      headers: { authorization: `Bearer ${goodToken(zone)}` },
    });
    this.socket.on("message", (data: Buffer) => this.frames.push(decodeHubFrame(data)));
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  async open(): Promise<void> {
    await once(this.socket, "open");
  }

  send(frame: ZoneFrame): void {
    this.socket.send(encodeFrame(frame));
  }

  hello(changes: Partial<FrameOf<ZoneFrame, "hello">> = {}): void {
    this.send({
      type: "hello",
      zone: this.zone,
      instanceId: `${this.zone}-raw`,
      protocol: 1,
      version: "0.1.0",
      features: [],
      globalId: "",
      revision: 0,
      digest: "",
      clockMs: Date.now(),
      config: "",
      probe: false,
      ...changes,
    });
  }

  of<T extends HubFrame["type"]>(type: T): readonly FrameOf<HubFrame, T>[] {
    return this.frames.filter((frame): frame is FrameOf<HubFrame, T> => frame.type === type);
  }

  async until(type: HubFrame["type"], count = 1): Promise<void> {
    await until(() => {
      if (this.of(type).length < count) throw new Error(`${this.of(type).length} of ${count} ${type} frames arrived`);
    });
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    await until(() => {
      if (!this.closed) throw new Error("still open");
    });
    return this.closed ?? { code: 0, reason: "" };
  }

  close(): void {
    this.socket.terminate();
  }
}
