import protobuf from "protobufjs";
import type { EncodedResource } from "../encoded.ts";
import { decodeStruct } from "./decode-well-known.ts";
import { fieldTag, varintSize, writeVarint } from "./wire.ts";

/** What a first request says of its sender: envoy.config.core.v3.Node. */
export interface DiscoveryNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly userAgentName: string;
  /** `1.40.0`, of `user_agent_build_version`, else `user_agent_version`; "" when absent. */
  readonly userAgentVersion: string;
}

interface RequestCommon {
  readonly node: DiscoveryNode | undefined;
  readonly typeUrl: string;
  readonly responseNonce: string;
  /** Present: a NACK. */
  readonly errorDetail: { readonly code: number; readonly message: string } | undefined;
}

export interface DeltaRequest extends RequestCommon {
  readonly resourceNamesSubscribe: readonly string[];
  readonly resourceNamesUnsubscribe: readonly string[];
  readonly initialResourceVersions: ReadonlyMap<string, string>;
}

export interface StateOfTheWorldRequest extends RequestCommon {
  readonly versionInfo: string;
  readonly resourceNames: readonly string[];
}

/**
 * Field numbers are those of envoy/service/discovery/v3/discovery.proto; discovery.test.ts compares with the codec.
 * @throws RangeError or Error on bytes that are no such message.
 */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaRequest {
  const reader = protobuf.Reader.create(bytes);
  const common = emptyCommon();
  const resourceNamesSubscribe: string[] = [];
  const resourceNamesUnsubscribe: string[] = [];
  const initialResourceVersions = new Map<string, string>();
  eachField(reader, reader.len, (id, skip) => {
    if (id === 1) common.node = readNode(reader);
    else if (id === 2) common.typeUrl = reader.string();
    else if (id === 3) resourceNamesSubscribe.push(reader.string());
    else if (id === 4) resourceNamesUnsubscribe.push(reader.string());
    else if (id === 5) readEntry(reader, initialResourceVersions);
    else if (id === 6) common.responseNonce = reader.string();
    else if (id === 7) common.errorDetail = readStatus(reader);
    else skip();
  });
  return { ...common, resourceNamesSubscribe, resourceNamesUnsubscribe, initialResourceVersions };
}

/** The same for envoy.service.discovery.v3.DiscoveryRequest. */
export function decodeDiscoveryRequest(bytes: Uint8Array): StateOfTheWorldRequest {
  const reader = protobuf.Reader.create(bytes);
  const common = emptyCommon();
  const resourceNames: string[] = [];
  let versionInfo = "";
  eachField(reader, reader.len, (id, skip) => {
    if (id === 1) versionInfo = reader.string();
    else if (id === 2) common.node = readNode(reader);
    else if (id === 3) resourceNames.push(reader.string());
    else if (id === 4) common.typeUrl = reader.string();
    else if (id === 5) common.responseNonce = reader.string();
    else if (id === 6) common.errorDetail = readStatus(reader);
    else skip();
  });
  return { ...common, resourceNames, versionInfo };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function emptyCommon(): Mutable<RequestCommon> {
  return { node: undefined, typeUrl: "", responseNonce: "", errorDetail: undefined };
}

function eachField(reader: protobuf.Reader, end: number, read: (id: number, skip: () => void) => void): void {
  if (end > reader.len) throw new RangeError("truncated message");
  while (reader.pos < end) {
    const tag = reader.uint32();
    read(tag >>> 3, () => reader.skipType(tag & 7));
  }
}

function readNode(reader: protobuf.Reader): DiscoveryNode {
  const node: Mutable<DiscoveryNode> = { id: "", cluster: "", metadata: {}, userAgentName: "", userAgentVersion: "" };
  eachField(reader, reader.uint32() + reader.pos, (id, skip) => {
    if (id === 1) node.id = reader.string();
    else if (id === 2) node.cluster = reader.string();
    else if (id === 3) node.metadata = decodeStruct(reader, reader.uint32() + reader.pos);
    else if (id === 6) node.userAgentName = reader.string();
    else if (id === 7) node.userAgentVersion = reader.string();
    else if (id === 8) node.userAgentVersion = readBuildVersion(reader);
    else skip();
  });
  return node;
}

/** envoy.config.core.v3.BuildVersion: a envoy.type.v3.SemanticVersion and metadata. */
function readBuildVersion(reader: protobuf.Reader): string {
  const numbers = [0, 0, 0];
  eachField(reader, reader.uint32() + reader.pos, (id, skip) => {
    if (id !== 1) skip();
    else {
      eachField(reader, reader.uint32() + reader.pos, (part, skipPart) => {
        if (part >= 1 && part <= 3) numbers[part - 1] = reader.uint32();
        else skipPart();
      });
    }
  });
  return numbers.join(".");
}

/** google.rpc.Status */
function readStatus(reader: protobuf.Reader): { code: number; message: string } {
  const status = { code: 0, message: "" };
  eachField(reader, reader.uint32() + reader.pos, (id, skip) => {
    if (id === 1) status.code = reader.int32();
    else if (id === 2) status.message = reader.string();
    else skip();
  });
  return status;
}

function readEntry(reader: protobuf.Reader, map: Map<string, string>): void {
  let key = "";
  let value = "";
  eachField(reader, reader.uint32() + reader.pos, (id, skip) => {
    if (id === 1) key = reader.string();
    else if (id === 2) value = reader.string();
    else skip();
  });
  map.set(key, value);
}

export interface DeltaResponseOptions {
  readonly typeUrl: string;
  readonly resources: readonly EncodedResource[];
  readonly removedNames: readonly string[];
  readonly systemVersionInfo: string;
  readonly controlPlaneId: string;
}

/**
 * envoy.service.discovery.v3.DeltaDiscoveryResponse without its nonce: the same bytes for every proxy that takes the same step.
 * Encoded resources are copied, not encoded again. `withNonce` completes it.
 */
export function deltaResponseBody(options: DeltaResponseOptions): Uint8Array {
  const head = protobuf.Writer.create();
  if (options.systemVersionInfo !== "") head.uint32(fieldTag(1)).string(options.systemVersionInfo);
  head.uint32(fieldTag(4)).string(options.typeUrl);
  for (const name of options.removedNames) head.uint32(fieldTag(6)).string(name);
  writeControlPlane(head, 7, options.controlPlaneId);
  return concatenate(
    head.finish(),
    options.resources.map((resource) => resource.delta),
  );
}

export interface StateOfTheWorldResponseOptions {
  readonly typeUrl: string;
  readonly versionInfo: string;
  readonly resources: readonly EncodedResource[];
  readonly controlPlaneId: string;
}

/** envoy.service.discovery.v3.DiscoveryResponse without its nonce. */
export function discoveryResponseBody(options: StateOfTheWorldResponseOptions): Uint8Array {
  const head = protobuf.Writer.create();
  if (options.versionInfo !== "") head.uint32(fieldTag(1)).string(options.versionInfo);
  head.uint32(fieldTag(4)).string(options.typeUrl);
  writeControlPlane(head, 6, options.controlPlaneId);
  return concatenate(
    head.finish(),
    options.resources.map((resource) => resource.any),
  );
}

/** Adds the nonce, field 5 of both responses: fields of a protobuf message may come in any order. */
export function withNonce(body: Uint8Array, nonce: string): Uint8Array {
  const text = Buffer.byteLength(nonce);
  if (text > 127) throw new RangeError("a nonce has at most 127 bytes");
  const message = Buffer.allocUnsafe(body.length + 2 + text);
  message.set(body, 0);
  message[body.length] = fieldTag(5);
  message[body.length + 1] = text;
  message.write(nonce, body.length + 2);
  return message;
}

function writeControlPlane(writer: protobuf.Writer, id: number, identifier: string): void {
  if (identifier !== "") writer.uint32(fieldTag(id)).fork().uint32(fieldTag(1)).string(identifier).ldelim();
}

/** `head`, then each part as an element of field 2 (`resources` in both responses). */
function concatenate(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  let size = head.length;
  for (const part of parts) size += 1 + varintSize(part.length) + part.length;
  const message = Buffer.allocUnsafeSlow(size);
  message.set(head, 0);
  let at = head.length;
  for (const part of parts) {
    message[at++] = fieldTag(2);
    at = writeVarint(message, at, part.length);
    message.set(part, at);
    at += part.length;
  }
  return message;
}
