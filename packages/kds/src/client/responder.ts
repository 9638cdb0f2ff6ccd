import { errorMessage } from "@meridian/base";
import type { ZoneRequest } from "../ports.ts";
import type { FrameOf, HubFrame, ZoneFrame } from "../protocol/frames.ts";

const partSizeBytes = 256 * 1024;

/** Answers a request of the global, in parts: a config dump can be large. */
export async function respond(
  { id, request }: FrameOf<HubFrame, "request">,
  onRequest: (request: ZoneRequest) => Promise<string>,
  send: (frame: ZoneFrame) => void,
): Promise<void> {
  let body: Buffer;
  try {
    body = Buffer.from(await onRequest(request));
  } catch (error) {
    send({ type: "response", id, part: new Uint8Array(), last: true, error: errorMessage(error).slice(0, 2000) });
    return;
  }
  for (let start = 0; start === 0 || start < body.length; start += partSizeBytes) {
    const end = start + partSizeBytes;
    send({ type: "response", id, part: body.subarray(start, end), last: end >= body.length });
  }
}
