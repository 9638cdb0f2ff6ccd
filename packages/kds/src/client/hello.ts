import type { ClientOptions } from "../ports.ts";
import { type FrameOf, protocolVersion, type ZoneFrame } from "../protocol/frames.ts";
import type { Replica } from "./replica.ts";

const features: readonly string[] = ["zone-token", "hash-suffix"];

type Self = Pick<ClientOptions, "zone" | "instanceId" | "version" | "config" | "clock">;

/** What a zone says first: who it is, and what its replica holds already. "" and 0 where it has never heard a global. */
export function helloOf(
  { zone, instanceId, version, config, clock }: Self,
  { globalId, revision, digest }: Pick<Replica, "globalId" | "revision" | "digest">,
): FrameOf<ZoneFrame, "hello"> {
  return {
    type: "hello",
    zone,
    instanceId,
    protocol: protocolVersion,
    version,
    features,
    globalId,
    revision,
    digest,
    clockMs: clock.now(),
    config: config ?? "",
    probe: false,
  };
}
