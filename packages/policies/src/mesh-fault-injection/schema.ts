import { durationText, type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { percentageSchema } from "../core/fragments/percentage.ts";
import { matchedRules, targetedItems } from "../core/fragments/target-items.ts";

const percentage = percentageSchema("Share of the requests.");

const faultSchema = Type.Object(
  {
    abort: Type.Optional(
      Type.Object(
        { httpStatus: Type.Integer({ description: "Status of the answer, 100 to 599." }), percentage },
        { description: "The proxy answers itself." },
      ),
    ),
    delay: Type.Optional(
      Type.Object({ value: durationText("How long the request waits."), percentage }, { description: "The request waits." }),
    ),
    responseBandwidth: Type.Optional(
      Type.Object(
        { limit: Type.String({ description: "Speed of the response, such as 50kbps, 2Mbps, 1Gbps." }), percentage },
        { description: "The response is slow." },
      ),
    ),
  },
  { description: "What goes wrong, all of it." },
);

const faultInjectionConfSchema = Type.Object(
  { http: Type.Optional(Type.Array(faultSchema, { description: "Faults of HTTP and gRPC requests, in order." })) },
  { description: "Faults." },
);

export const meshFaultInjectionSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(faultInjectionConfSchema, "Faults of gateways."),
  from: targetedItems(faultInjectionConfSchema, "Faults of inbounds, for clients by their tags. Deprecated: use rules."),
  rules: matchedRules(faultInjectionConfSchema, "Faults of inbounds."),
});

export type MeshFaultInjectionSpec = SpecOf<typeof meshFaultInjectionSchema>;
export type FaultInjectionConf = SpecOf<typeof faultInjectionConfSchema>;
export type Fault = SpecOf<typeof faultSchema>;
