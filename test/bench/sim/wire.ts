// The few protobuf messages that a simulated proxy reads and writes, by hand: the load generator must cost as little as it can, for
// it shares the machine with what it measures. Field numbers: envoy/service/discovery/v3/discovery.proto.

export interface DeltaResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resourceNames: readonly string[];
  readonly removed: readonly string[];
}

export interface DeltaRequest {
  readonly node?: Uint8Array;
  readonly typeUrl: string;
  readonly subscribe?: readonly string[];
  readonly nonce?: string;
}

const lengthDelimited = 2;

export function encodeDeltaRequest(request: DeltaRequest): Buffer {
  const parts: Buffer[] = [];
  if (request.node) parts.push(field(1, request.node));
  parts.push(field(2, Buffer.from(request.typeUrl)));
  for (const name of request.subscribe ?? []) parts.push(field(3, Buffer.from(name)));
  if (request.nonce !== undefined) parts.push(field(6, Buffer.from(request.nonce)));
  return Buffer.concat(parts);
}

/** envoy.config.core.v3.Node with id, cluster and a metadata struct of strings, lists of strings and booleans. */
export function encodeNode(id: string, cluster: string, metadata: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.concat([field(1, Buffer.from(id)), field(2, Buffer.from(cluster)), field(3, encodeStruct(metadata))]);
}

export function decodeDeltaResponse(bytes: Buffer): DeltaResponse {
  let typeUrl = "";
  let nonce = "";
  const resourceNames: string[] = [];
  const removed: string[] = [];
  for (const { number, value } of fields(bytes)) {
    if (number === 2) resourceNames.push(resourceName(value));
    else if (number === 4) typeUrl = value.toString();
    else if (number === 5) nonce = value.toString();
    else if (number === 6) removed.push(value.toString());
  }
  return { typeUrl, nonce, resourceNames, removed };
}

/** envoy.service.discovery.v3.Resource: field 3 is its name. */
function resourceName(bytes: Buffer): string {
  for (const { number, value } of fields(bytes)) if (number === 3) return value.toString();
  return "";
}

function encodeStruct(value: Readonly<Record<string, unknown>>): Buffer {
  const entries = Object.entries(value).map(([key, entry]) =>
    field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, encodeValue(entry))])),
  );
  return Buffer.concat(entries);
}

function encodeValue(value: unknown): Buffer {
  if (typeof value === "string") return field(3, Buffer.from(value));
  if (typeof value === "boolean") return Buffer.from([(4 << 3) | 0, value ? 1 : 0]);
  if (Array.isArray(value)) return field(6, Buffer.concat(value.map((entry) => field(1, encodeValue(entry)))));
  return field(5, encodeStruct(value as Record<string, unknown>));
}

function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | lengthDelimited), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Length-delimited fields of one message; others are passed over. */
function* fields(bytes: Buffer): Generator<{ readonly number: number; readonly value: Buffer }> {
  let offset = 0;
  const readVarint = (): number => {
    let result = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[offset++] ?? 0;
      result += (byte & 127) * 2 ** shift;
      if (byte < 128) return result;
      shift += 7;
    }
  };
  while (offset < bytes.length) {
    const tag = readVarint();
    const wireType = tag & 7;
    if (wireType === lengthDelimited) {
      const length = readVarint();
      yield { number: tag >>> 3, value: bytes.subarray(offset, offset + length) };
      offset += length;
    } else if (wireType === 0) readVarint();
    else if (wireType === 1) offset += 8;
    else if (wireType === 5) offset += 4;
    else throw new Error(`unexpected wire type ${wireType}`);
  }
}
