// The floor: what grpc-js alone needs to push the same bytes to the same number of streams and read one reply from each. Everything
// a control plane does comes on top of it, so each figure is printed beside its floor, measured in the same run.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { sharedNowMs } from "./sim/proxy.ts";

export interface FloorCommand {
  readonly id: number;
  readonly sizeBytes: number;
}

const identity = (value: Buffer): Buffer => value;
const streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
/** Each simulated proxy opens with two requests; what comes after them is a reply. */
let opening = 2 * Number(process.env["FLOOR_STREAMS"]);
let awaiting = 0;
let onLast: (() => void) | undefined;

const server = new Server();
server.addService(
  {
    delta: {
      path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      requestStream: true,
      responseStream: true,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  {
    delta: (call: ServerDuplexStream<Buffer, Buffer>) => {
      streams.add(call);
      call.on("data", () => {
        opening -= 1;
        if (opening === 0) process.send?.({ opened: streams.size });
        else if (opening < 0 && --awaiting === 0) onLast?.();
      });
      call.on("end", () => streams.delete(call));
      call.on("error", () => streams.delete(call));
    },
  },
);

const [cert = "", key = ""] = [process.env["FLOOR_CERT"], process.env["FLOOR_KEY"]];
server.bindAsync(
  "127.0.0.1:0",
  ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]),
  (error, port) => {
    if (error) throw error;
    process.send?.({ port });
  },
);

process.on("message", (message: FloorCommand) => {
  // A valid, empty DeltaDiscoveryResponse of the asked size: unknown field 15 carries the weight.
  const payload = deltaResponse(message.sizeBytes);
  awaiting = streams.size;
  const startedMs = sharedNowMs();
  onLast = () => process.send?.({ id: message.id, elapsedMs: sharedNowMs() - startedMs, streams: streams.size });
  for (const stream of streams) stream.write(payload);
});
process.on("disconnect", () => process.exit(0));

function deltaResponse(sizeBytes: number): Buffer {
  const header = Buffer.concat([Buffer.from([0x22, 5]), Buffer.from("floor"), Buffer.from([0x2a, 1]), Buffer.from("n")]);

  const weight = Math.max(sizeBytes - header.length - 4, 0);
  const length = Buffer.from([(weight & 127) | 128, ((weight >> 7) & 127) | 128, (weight >> 14) & 127]);
  return Buffer.concat([header, Buffer.from([0x7a]), length, Buffer.alloc(weight)]);
}
