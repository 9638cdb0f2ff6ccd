import type { ProxyPatch, ProxyResources, TypeUrl } from "@meridian/envoy";

/** What the first request of a stream says. */
export interface StreamHello {
  readonly mode: "delta" | "sotw";
  readonly nodeId: string;
  readonly nodeCluster: string;
  /** `node.metadata` as plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** e.g. `{ name: "envoy", version: "1.40.0" }`; from the node's user agent. */
  readonly userAgent: { readonly name: string; readonly version: string };
  /** Values of the `authorization` metadata, as sent. */
  readonly authorization: readonly string[];
  /** Address of the peer, for logs. */
  readonly peer: string;
}

/** What the server gives to the owner of a proxy: the handle of its open stream. */
export interface ProxyStream {
  /**
   * Moves the desired config on. `generation` is the caller's counter; ACKs name it. Steps that were not sent yet merge: a slow
   * proxy gets the newest state. Never throws; after the stream closed it does nothing.
   */
  push(patch: ProxyPatch, generation: number): void;
  /** Ends the stream with a gRPC status that tells the proxy's operator why. */
  close(status: StreamStatus): void;
}

export interface StreamStatus {
  readonly code:
    | "UNAUTHENTICATED"
    | "PERMISSION_DENIED"
    | "INVALID_ARGUMENT"
    | "FAILED_PRECONDITION"
    | "UNAVAILABLE"
    | "INTERNAL";
  readonly message: string;
}

/** What the owner of a proxy answers to a new stream. */
export interface ProxyBinding {
  /** Everything the proxy should hold, as of `generation`. */
  readonly resources: ProxyResources;
  readonly generation: number;
  /** The proxy has acknowledged everything of this generation that it subscribes to; called once for each that is reached last. */
  acknowledged(generation: number): void;
  rejected(nack: Nack): void;
  /** A response went out, or was acknowledged or refused: for insights (counters per type). */
  counted?(event: "sent" | "acknowledged" | "rejected", typeUrl: TypeUrl): void;
  /** The stream is gone; called exactly once, also after `ProxyStream.close`. */
  closed(): void;
}

/** A response is refused with one message, whatever is wrong in it. */
export interface Complaint {
  readonly typeUrl: TypeUrl;
  /** Envoy's `error_detail.message`. */
  readonly message: string;
}

export interface Nack extends Complaint {
  /** Resources of the refused response; those named in Envoy's message first, when it names any. */
  readonly resources: readonly { readonly name: string; readonly origins: readonly string[] }[];
  readonly generation: number;
  /** Told before: `generation` is complete but for this. */
  readonly isRepeated: boolean;
  /** Everything that stands refused on the stream now; a refused version that was replaced meanwhile is not in it. */
  readonly standing: readonly Complaint[];
}

/** The narrow interface between the transport and whoever knows what a proxy should hold (compare go-control-plane's cache). */
export interface ProxyRegistry {
  /** @throws StreamRefused to end the stream with its status. */
  connect(hello: StreamHello, stream: ProxyStream): Promise<ProxyBinding>;
}

/** Thrown by `connect`. */
export class StreamRefused extends Error {
  readonly status: StreamStatus;

  constructor(status: StreamStatus) {
    super(status.message);
    this.name = "StreamRefused";
    this.status = status;
  }
}
