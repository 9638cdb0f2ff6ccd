import { createHash } from "node:crypto";
import protobuf from "protobufjs";
import { type EncodedResource, type TypeUrl, typeUrls } from "../encoded.ts";
import { encodeMessage } from "./codec.ts";
import { EncodeError } from "./errors.ts";
import { fieldTag, joinBytes } from "./wire.ts";

/**
 * Encodes a resource once, for every proxy that uses it. Its name is `name`, of an endpoint resource `clusterName`; its version
 * is a hash of the message's bytes, so equal content has an equal version in every replica and after every restart.
 * @param secrets see `EncodedResource.secrets`.
 * @throws EncodeError
 */
export function encodeResource(
  typeUrl: TypeUrl,
  json: object,
  origins: readonly string[],
  secrets: readonly string[] = [],
): EncodedResource {
  const message = encodeMessage(typeUrl.slice(typeUrl.indexOf("/") + 1), json);
  const name = resourceName(typeUrl, json);
  const version = createHash("sha256").update(message).digest("hex").slice(0, 16);
  // google.protobuf.Any: type_url, value.
  const anyHead = protobuf.Writer.create()
    .uint32(fieldTag(1))
    .string(typeUrl)
    .uint32(fieldTag(2))
    .uint32(message.length)
    .finish();
  const anySize = anyHead.length + message.length;
  // envoy.service.discovery.v3.Resource: version, resource, name.
  const head = protobuf.Writer.create().uint32(fieldTag(1)).string(version).uint32(fieldTag(2)).uint32(anySize).finish();
  const tail = protobuf.Writer.create().uint32(fieldTag(3)).string(name).finish();
  const delta = joinBytes([head, anyHead, message, tail]);
  // A view into the same bytes: nothing is held twice.
  const any = delta.subarray(head.length, head.length + anySize);
  return { typeUrl, name, version, any, delta, origins, ...(secrets.length > 0 && { secrets }) };
}

function resourceName(typeUrl: TypeUrl, json: object): string {
  const key = typeUrl === typeUrls.endpoint ? "clusterName" : "name";
  const name = (json as Readonly<Record<string, unknown>>)[key];
  if (typeof name !== "string" || name === "") throw new EncodeError(key, `must not be empty: it names the ${typeUrl}`);
  return name;
}
