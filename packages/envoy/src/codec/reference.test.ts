import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";
import { beforeAll, describe, expect, it } from "vitest";
import { buildBootstrap } from "../bootstrap.ts";
import { sampleBootstrap } from "../testing/sample-bootstrap.ts";
import { sampleResources } from "../testing/sample-config.ts";
import { encodeMessage } from "./codec.ts";
import { shippedProtoRoots } from "./proto-tree.ts";

/** protobufjs with the whole tree, as it is meant to be used: the codec must make the same bytes, only faster and checked. */
const root = new protobuf.Root();

beforeAll(async () => {
  const roots = shippedProtoRoots();
  const ownFiles = dirname(createRequire(import.meta.url).resolve("protobufjs/package.json"));
  const folders = [...roots, join(roots[0] ?? "", "..", "protoc-gen-validate"), ownFiles];
  root.resolvePath = (_, target) => folders.map((folder) => join(folder, target)).find(existsSync) ?? target;
  await root.load(
    ["listener/v3/listener", "cluster/v3/cluster", "endpoint/v3/endpoint", "bootstrap/v3/bootstrap"].map(
      (file) => `envoy/config/${file}.proto`,
    ),
    { keepCase: true },
  );
  await root.load("envoy/extensions/transport_sockets/tls/v3/secret.proto", { keepCase: true });
});

/** Reads with protobufjs and writes again: only what it understands comes back. */
function throughProtobufjs(typeName: string, bytes: Uint8Array): string {
  const type = root.lookupType(typeName);
  return Buffer.from(type.encode(type.decode(bytes)).finish()).toString("hex");
}

describe("the codec and protobufjs make the same bytes", () => {
  it.each(Object.entries(sampleResources))("of %s", (_, { typeUrl, json }) => {
    const typeName = typeUrl.slice(typeUrl.indexOf("/") + 1);
    const bytes = encodeMessage(typeName, json);
    expect(throughProtobufjs(typeName, bytes)).toBe(Buffer.from(bytes).toString("hex"));
  });

  it("of a bootstrap", () => {
    const typeName = "envoy.config.bootstrap.v3.Bootstrap";
    const bytes = encodeMessage(typeName, buildBootstrap(sampleBootstrap));
    expect(throughProtobufjs(typeName, bytes)).toBe(Buffer.from(bytes).toString("hex"));
  });
});
