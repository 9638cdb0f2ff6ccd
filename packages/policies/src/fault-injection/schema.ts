import { durationText, type SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { requestShare, uint32 } from "../core/fragments/legacy-numbers.ts";
import { sourceDestinationFields } from "../core/fragments/source-destination.ts";

const percentage = requestShare("Share of the requests, from 0 to 100.");

const delaySchema = Type.Object({ percentage, value: durationText("How long.") }, { description: "Requests wait." });

const abortSchema = Type.Object(
  { percentage, httpStatus: uint32("Status of the answer.") },
  { description: "Requests are answered by the proxy, with an error." },
);

const responseBandwidthSchema = Type.Object(
  { percentage, limit: Type.String({ description: "Number and unit, kbps, mbps or gbps: `500 kbps`." }) },
  { description: "Responses are slow." },
);

export const faultInjectionSchema = Type.Object({
  ...sourceDestinationFields({
    sources: "Clients whose requests fail; any tags.",
    destinations: "Inbounds that fail; any tags, `kuma.io/protocol` (http, http2 or grpc) among them.",
  }),
  conf: Type.Object(
    {
      delay: Type.Optional(delaySchema),
      abort: Type.Optional(abortSchema),
      responseBandwidth: Type.Optional(responseBandwidthSchema),
    },
    { description: "What goes wrong; at least one." },
  ),
});

export type FaultInjectionSpec = SpecOf<typeof faultInjectionSchema>;
export type FaultInjectionConf = FaultInjectionSpec["conf"];
