import protobuf from "protobufjs";
import { MessageReader } from "./decode.ts";
import { MessageWriter } from "./encode.ts";
import type { ProtoJsonObject } from "./json.ts";
import { typeRegistry } from "./registry.ts";

/**
 * Encodes proto3 JSON. Same value, same bytes.
 * @param typeName `envoy.config.cluster.v3.Cluster`
 * @throws EncodeError naming the path of an unknown field, a bad enum name or a value of the wrong type.
 * @throws UnknownTypeError
 */
export function encodeMessage(typeName: string, json: object): Uint8Array {
  const registry = typeRegistry();
  const writer = protobuf.Writer.create();
  new MessageWriter(registry).message(writer, registry.message(typeName), json);
  return writer.finish();
}

/**
 * Decodes to canonical proto3 JSON. Fields unknown to our proto tree are left out.
 * @throws UnknownTypeError @throws RangeError on bytes that end too early.
 */
export function decodeMessage(typeName: string, bytes: Uint8Array): ProtoJsonObject {
  const registry = typeRegistry();
  const reader = protobuf.Reader.create(bytes);
  return new MessageReader(registry).message(reader, reader.len, registry.message(typeName));
}

/** Whether the tree has this message type: to check a user's raw patch. */
export function knowsType(typeName: string): boolean {
  return typeRegistry().findMessage(typeName) !== undefined;
}
