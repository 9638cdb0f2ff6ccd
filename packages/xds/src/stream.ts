import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { errorMessage, type Logger } from "@meridian/base";
import {
  type DeltaRequest,
  type DiscoveryNode,
  decodeDeltaRequest,
  decodeDiscoveryRequest,
  type ProxyPatch,
  type StateOfTheWorldRequest,
} from "@meridian/envoy";
import type { ResponseEncoder } from "./encode.ts";
import {
  type ProxyBinding,
  type ProxyRegistry,
  type ProxyStream,
  type StreamHello,
  StreamRefused,
  type StreamStatus,
} from "./ports.ts";
import { createStreamState, type StepResult, type StreamState } from "./state.ts";
import { type StreamEvent, step } from "./step.ts";
import type { Ticker } from "./ticker.ts";

export type AdsCall = ServerDuplexStream<Uint8Array, Uint8Array>;

export interface AdsStreamDeps {
  readonly registry: ProxyRegistry;
  readonly encoder: ResponseEncoder;
  readonly ticker: Ticker;
  readonly logger: Logger;
  readonly onClosed: (stream: AdsStream) => void;
}

type Request =
  | { readonly kind: "delta"; readonly request: DeltaRequest }
  | { readonly kind: "sotw"; readonly request: StateOfTheWorldRequest };

/** The socket loop of one ADS stream: bytes in, `step`, bytes out. It decides nothing. */
export class AdsStream implements ProxyStream {
  readonly #call: AdsCall;
  readonly #mode: "delta" | "sotw";
  readonly #deps: AdsStreamDeps;
  readonly #onTick = (): void => this.#take({ kind: "tick" });
  /** What arrives before the registry has answered, in order. */
  #early: StreamEvent[] = [];
  #node: DiscoveryNode | undefined;
  #binding: ProxyBinding | undefined;
  #state: StreamState | undefined;
  #turnScheduled = false;
  #closed = false;

  constructor(call: AdsCall, mode: "delta" | "sotw", deps: AdsStreamDeps) {
    this.#call = call;
    this.#mode = mode;
    this.#deps = deps;
    call.on("data", (bytes: Uint8Array) => this.#onMessage(bytes));
    call.on("end", () => this.#onGone());
    call.on("cancelled", () => this.#onGone());
    call.on("close", () => this.#onGone());
    call.on("error", () => this.#onGone());
  }

  push(patch: ProxyPatch, generation: number): void {
    this.#take({ kind: "push", patch, generation });
  }

  close({ code, message }: StreamStatus): void {
    if (this.#closed) return;
    // grpc-js sends the status of an error that is emitted on the call.
    this.#call.emit("error", Object.assign(new Error(message), { code: status[code], details: message }));
  }

  #onMessage(bytes: Uint8Array): void {
    if (this.#closed) return;
    let request: Request;
    try {
      request = decode(this.#mode, bytes);
    } catch (error) {
      this.#refuse(`not a discovery request: ${errorMessage(error)}`);
      return;
    }
    const { node } = request.request;
    if (!this.#node && !node) {
      this.#refuse("the first request of a stream must carry the node");
    } else if (this.#node && node && node.id !== this.#node.id) {
      this.#refuse(`the node id changed from ${this.#node.id} to ${node.id} within one stream`);
    } else {
      this.#take(request);
      if (!this.#node && node) void this.#connect(node);
    }
  }

  #refuse(message: string): void {
    this.close({ code: "INVALID_ARGUMENT", message });
  }

  async #connect(node: DiscoveryNode): Promise<void> {
    this.#node = node;
    try {
      const binding = await this.#deps.registry.connect(this.#helloOf(node), this);
      if (this.#closed) {
        binding.closed();
        return;
      }
      this.#binding = binding;
      this.#state = createStreamState({ mode: this.#mode, resources: binding.resources, generation: binding.generation });
    } catch (error) {
      if (error instanceof StreamRefused) this.close(error.status);
      else this.#fail(error, "proxy could not be connected");
      return;
    }
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#take(event);
  }

  #helloOf(node: DiscoveryNode): StreamHello {
    return {
      mode: this.#mode,
      nodeId: node.id,
      nodeCluster: node.cluster,
      metadata: node.metadata,
      userAgent: { name: node.userAgentName, version: node.userAgentVersion },
      authorization: this.#call.metadata.get("authorization").map(String),
      peer: this.#call.getPeer(),
    };
  }

  #take(event: StreamEvent): void {
    if (this.#closed) return;
    if (!this.#state || !this.#binding) {
      this.#early.push(event);
      return;
    }
    try {
      this.#act(step(this.#state, event), this.#binding);
    } catch (error) {
      this.#fail(error, "discovery stream failed");
    }
  }

  #fail(error: unknown, message: string): void {
    this.#deps.logger.error({ err: error, nodeId: this.#node?.id }, message);
    this.close({ code: "INTERNAL", message: "internal error; see the log of the control plane" });
  }

  #act(result: StepResult, binding: ProxyBinding): void {
    for (const response of result.send) {
      this.#call.write(this.#deps.encoder.encode(this.#mode, response));
      binding.counted?.("sent", response.typeUrl);
    }
    if (result.wake === "tick") this.#deps.ticker.add(this.#onTick);
    else this.#deps.ticker.delete(this.#onTick);
    if (result.wake === "turn") this.#scheduleTurn();
    if (result.answered) binding.counted?.(result.answered.event, result.answered.typeUrl);
    for (const nack of result.rejected) binding.rejected(nack);
    if (result.acknowledged !== undefined) binding.acknowledged(result.acknowledged);
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#take({ kind: "turn" });
    });
  }

  #onGone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#early = [];
    this.#deps.ticker.delete(this.#onTick);
    this.#call.end();
    this.#deps.onClosed(this);
    this.#binding?.closed();
  }
}

function decode(mode: "delta" | "sotw", bytes: Uint8Array): Request {
  return mode === "delta"
    ? { kind: "delta", request: decodeDeltaRequest(bytes) }
    : { kind: "sotw", request: decodeDiscoveryRequest(bytes) };
}
