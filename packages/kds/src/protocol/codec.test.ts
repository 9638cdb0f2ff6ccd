import fc from "fast-check";
import { pack } from "msgpackr";
import { describe, expect, it } from "vitest";
import { decodeHubFrame, decodeZoneFrame, encodeFrame } from "./codec.ts";
import type { HubFrame, ZoneFrame } from "./frames.ts";
import { checkStructure } from "./structure.ts";

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 5 }),
  ),
})).value;

describe("frames", () => {
  it("come out as they went in", () => {
    const frames: readonly (ZoneFrame | HubFrame)[] = [
      { type: "delta", revision: 7, puts: [Buffer.from("{}")], deletes: ["A/b/c"] },
      { type: "credit", frames: 3 },
      { type: "response", id: 1, part: Buffer.alloc(0), last: true, error: "no" },
      { type: "request", id: 1, request: { type: "stats", proxyKind: "Dataplane", mesh: "m", name: "n" } },
    ];
    const [delta, credit, response, request] = frames.map(encodeFrame);
    expect(decodeHubFrame(delta as Uint8Array)).toEqual(frames[0]);
    expect(decodeZoneFrame(credit as Uint8Array)).toEqual(frames[1]);
    expect(decodeZoneFrame(response as Uint8Array)).toEqual(frames[2]);
    expect(decodeHubFrame(request as Uint8Array)).toEqual(frames[3]);
  });

  it("drop fields of a newer peer and name the field that is wrong", () => {
    expect(decodeZoneFrame(pack({ type: "credit", frames: 1, later: true }))).toEqual({ type: "credit", frames: 1 });
    expect(() => decodeZoneFrame(pack({ type: "credit", frames: -1 }))).toThrow("credit.frames: expected a whole number");
    expect(() => decodeZoneFrame(pack({ type: "delta", revision: 1 }))).toThrow("unknown type");
    expect(() => decodeZoneFrame(pack({ type: "toString" }))).toThrow("unknown type");
    expect(() => decodeHubFrame(pack({ type: "delta", revision: 1, puts: ["text"], deletes: [] }))).toThrow("delta.puts[0]");
  });

  it("never fail in another way than MALFORMED_FRAME", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeZoneFrame(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "MALFORMED_FRAME" });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("checkStructure", () => {
  it("takes what an encoder of plain values makes", () => {
    fc.assert(fc.property(plain, (value) => checkStructure(encodeFrame(value as ZoneFrame))));
  });

  it("refuses every proper prefix, and anything behind", () => {
    const bytes = encodeFrame({ type: "delta", revision: 1, puts: [Buffer.from("abc")], deletes: ["x"] });
    for (let length = 0; length < bytes.length; length += 1) expect(() => checkStructure(bytes.subarray(0, length))).toThrow();
    expect(() => checkStructure(Buffer.concat([bytes, Buffer.from([0])]))).toThrow("left over");
  });

  it.each([
    ["an extension type", [0xd4, 0x01, 0x00]],
    ["the reserved type", [0xc1]],
    ["a list that claims four billion elements", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["a map that claims four billion fields", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["deep nesting", [...Array<number>(40).fill(0x91), 0xc0]],
  ])("refuses %s", (_what, bytes) => expect(() => checkStructure(Uint8Array.from(bytes))).toThrow());
});
