import { Packr } from "msgpackr";
import { MalformedFrameError } from "../errors.ts";
import { type HubFrame, hubFrames, type ZoneFrame, zoneFrames } from "./frames.ts";
import { type Shape, ShapeError } from "./shapes.ts";
import { checkStructure } from "./structure.ts";

/** Plain MessagePack only: maps, lists, text, numbers, bytes. No extension types, so `checkStructure` can refuse them all. */
const packr = new Packr({ useRecords: false, moreTypes: false, encodeUndefinedAsNil: true });

export function encodeFrame(frame: ZoneFrame | HubFrame): Uint8Array {
  return packr.pack(frame);
}

/** @throws MalformedFrameError */
export function decodeZoneFrame(data: Uint8Array): ZoneFrame {
  return decode(data, zoneFrames) as ZoneFrame;
}

/** @throws MalformedFrameError */
export function decodeHubFrame(data: Uint8Array): HubFrame {
  return decode(data, hubFrames) as HubFrame;
}

function decode(data: Uint8Array, shapes: Readonly<Record<string, Shape<unknown>>>): unknown {
  try {
    checkStructure(data);
    const value: unknown = packr.unpack(data);
    if (typeof value !== "object" || value === null) throw new ShapeError("frame: expected an object");
    const type: unknown = (value as { readonly type?: unknown }).type;
    const shape = typeof type === "string" && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    if (!shape) throw new ShapeError(`frame: unknown type ${JSON.stringify(type)?.slice(0, 60)}`);
    return { type, ...(shape(value, String(type)) as object) };
  } catch (error) {
    throw new MalformedFrameError(error instanceof ShapeError ? error.message : "frame: not MessagePack", { cause: error });
  }
}
