import { type MethodDefinition, type Server, status } from "@grpc/grpc-js";
import type { Logger } from "@meridian/base";
import { ResponseEncoder } from "./encode.ts";
import type { ProxyRegistry } from "./ports.ts";
import { type AdsCall, AdsStream } from "./stream.ts";
import { Ticker } from "./ticker.ts";

export interface AdsServiceOptions {
  /** Shown to proxies as the control plane's identifier. */
  readonly controlPlaneId: string;
  readonly logger: Logger;
}

export interface AdsService {
  addTo(server: Server): void;
  /** Streams that are open now. */
  readonly streamCount: number;
  /** Ends every stream with UNAVAILABLE, so that proxies try elsewhere, and refuses new ones. */
  stop(): void;
}

const serviceName = "envoy.service.discovery.v3.AggregatedDiscoveryService";

/** Serves aggregated discovery, incremental and state of the world, with what `registry` knows. */
export function createAdsService(registry: ProxyRegistry, options: AdsServiceOptions): AdsService {
  const streams = new Set<AdsStream>();
  const ticker = new Ticker();
  const encoder = new ResponseEncoder(options.controlPlaneId);
  let stopped = false;

  function open(mode: "delta" | "sotw"): (call: AdsCall) => void {
    return (call) => {
      if (stopped) {
        call.emit("error", Object.assign(new Error(shuttingDown), { code: status.UNAVAILABLE, details: shuttingDown }));
        return;
      }
      const onClosed = (stream: AdsStream): boolean => streams.delete(stream);
      streams.add(new AdsStream(call, mode, { registry, encoder, ticker, logger: options.logger, onClosed }));
    };
  }

  return {
    addTo(server) {
      server.addService(
        {
          StreamAggregatedResources: method("StreamAggregatedResources"),
          DeltaAggregatedResources: method("DeltaAggregatedResources"),
        },
        { StreamAggregatedResources: open("sotw"), DeltaAggregatedResources: open("delta") },
      );
    },
    get streamCount() {
      return streams.size;
    },
    stop() {
      stopped = true;
      for (const stream of [...streams]) stream.close({ code: "UNAVAILABLE", message: shuttingDown });
    },
  };
}

const shuttingDown = "the control plane is shutting down";

/** Bytes in, bytes out: cached resources go out as they are (design decision 5). */
function method(name: string): MethodDefinition<Uint8Array, Uint8Array> {
  return {
    path: `/${serviceName}/${name}`,
    requestStream: true,
    responseStream: true,
    requestSerialize: asBuffer,
    requestDeserialize: identity,
    responseSerialize: asBuffer,
    responseDeserialize: identity,
  };
}

function identity(bytes: Buffer): Uint8Array {
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
