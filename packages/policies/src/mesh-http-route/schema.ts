import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { backendRefSchema } from "../core/fragments/backend-ref.ts";
import { headerMatchSchema, headerModifierSchema } from "../core/fragments/header.ts";
import { percentageSchema } from "../core/fragments/percentage.ts";

const pathMatchSchema = Type.Object({
  type: stringEnum(["Exact", "PathPrefix", "RegularExpression"], { description: "How the path is compared." }),
  value: Type.String({ minLength: 1, description: "An absolute path, or an RE2 expression for the whole path." }),
});

const queryParamMatchSchema = Type.Object({
  type: stringEnum(["Exact", "RegularExpression"], { description: "How the value is compared." }),
  name: Type.String({ minLength: 1, description: "Name of the parameter." }),
  value: Type.String({ description: "Its value, or an RE2 expression for it." }),
});

const methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] as const;

const matchSchema = Type.Object(
  {
    path: Type.Optional(pathMatchSchema),
    method: Type.Optional(stringEnum(methods, { description: "Request method." })),
    headers: Type.Optional(Type.Array(headerMatchSchema, { description: "Every header must fit." })),
    queryParams: Type.Optional(Type.Array(queryParamMatchSchema, { description: "Every parameter must fit." })),
  },
  { description: "Every condition must hold." },
);

const pathRewriteSchema = Type.Object({
  type: stringEnum(["ReplaceFullPath", "ReplacePrefixMatch"], { description: "What is replaced." }),
  replaceFullPath: Type.Optional(Type.String({ description: "The whole new path." })),
  replacePrefixMatch: Type.Optional(Type.String({ description: "Takes the place of the matched prefix." })),
});

const hostname = Type.String({ minLength: 1, maxLength: 253, description: "A DNS name, no address and no wildcard." });

const redirectSchema = Type.Object({
  scheme: Type.Optional(stringEnum(["http", "https"], { description: "New scheme." })),
  hostname: Type.Optional(hostname),
  path: Type.Optional(pathRewriteSchema),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: "New port." })),
  statusCode: Type.Optional(
    Type.Unsafe<301 | 302 | 303 | 307 | 308>({
      type: "integer",
      enum: [301, 302, 303, 307, 308],
      default: 302,
      description: "Status of the answer.",
    }),
  ),
});

const urlRewriteSchema = Type.Object({
  hostname: Type.Optional(hostname),
  hostToBackendHostname: Type.Optional(Type.Boolean({ description: "Use the backend's host; only with MeshGateway." })),
  path: Type.Optional(pathRewriteSchema),
});

const requestMirrorSchema = Type.Object({
  percentage: Type.Optional(percentageSchema("Share of the requests. Default: all.")),
  backendRef: backendRefSchema,
});

const filterTypes = [
  "RequestHeaderModifier",
  "ResponseHeaderModifier",
  "RequestRedirect",
  "URLRewrite",
  "RequestMirror",
] as const;

const filterSchema = Type.Object(
  {
    type: stringEnum(filterTypes, { description: "Which of the fields below is meant." }),
    requestHeaderModifier: Type.Optional(headerModifierSchema),
    responseHeaderModifier: Type.Optional(headerModifierSchema),
    requestRedirect: Type.Optional(redirectSchema),
    urlRewrite: Type.Optional(urlRewriteSchema),
    requestMirror: Type.Optional(requestMirrorSchema),
  },
  { description: "A change to requests or responses." },
);

const ruleSchema = Type.Object({
  matches: Type.Array(matchSchema, { minItems: 1, description: "The rule is for requests that fit any of these." }),
  default: Type.Object({
    filters: Type.Optional(Type.Array(filterSchema, { description: "Applied in order." })),
    backendRefs: Type.Optional(Type.Array(backendRefSchema, { description: "Where requests go. Default: the `to` target." })),
  }),
});

export const meshHttpRouteSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: Type.Optional(
    Type.Array(
      Type.Object({
        targetRef: targetRefSchema,
        hostnames: Type.Optional(Type.Array(Type.String(), { description: "Only with MeshGateway." })),
        rules: Type.Array(ruleSchema, { description: "Routes to the target." }),
      }),
      { description: "Destinations whose requests are routed." },
    ),
  ),
});

export type MeshHttpRouteSpec = SpecOf<typeof meshHttpRouteSchema>;
export type RouteTo = NonNullable<MeshHttpRouteSpec["to"]>[number];
export type RouteRule = RouteTo["rules"][number];
export type RouteMatch = RouteRule["matches"][number];
export type RouteFilter = NonNullable<RouteRule["default"]["filters"]>[number];
export type PathRewrite = SpecOf<typeof pathRewriteSchema>;
