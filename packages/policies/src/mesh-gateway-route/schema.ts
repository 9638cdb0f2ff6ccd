import { portNumber, type SpecOf, selectorSchema, stringEnum, stringMap } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { requestShare, uint32 } from "../core/fragments/legacy-numbers.ts";

/** `NONE` is the zero value of the peer's enum: no condition. */
const methods = ["NONE", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] as const;

const backendSchema = Type.Object(
  {
    weight: Type.Optional(uint32("Share of the traffic. A lone backend gets all of it.")),
    destination: stringMap("Tags of the destination, `kuma.io/service` among them."),
  },
  { description: "Where traffic goes." },
);

const backends = Type.Optional(Type.Array(backendSchema, { description: "Destinations that share the traffic by weight." }));

const pathMatchSchema = Type.Object(
  {
    match: Type.Optional(stringEnum(["EXACT", "PREFIX", "REGEX"], { description: "How the path is compared. Default EXACT." })),
    value: Type.String({ description: "An absolute path, or an RE2 expression for the whole path." }),
  },
  { description: "A condition on the path." },
);

const headerMatchSchema = Type.Object({
  match: Type.Optional(
    stringEnum(["EXACT", "REGEX", "ABSENT", "PRESENT"], { description: "How the value is compared. Default EXACT." }),
  ),
  name: Type.String({ description: "Header name." }),
  value: Type.Optional(Type.String({ description: "Its value; not for ABSENT and PRESENT." })),
});

const queryMatchSchema = Type.Object({
  match: Type.Optional(stringEnum(["EXACT", "REGEX"], { description: "How the value is compared. Default EXACT." })),
  name: Type.String({ description: "Name of the parameter." }),
  value: Type.String({ description: "Its value, or an RE2 expression for it." }),
});

const matchSchema = Type.Object(
  {
    path: Type.Optional(pathMatchSchema),
    method: Type.Optional(stringEnum(methods, { description: "Request method." })),
    headers: Type.Optional(Type.Array(headerMatchSchema, { description: "Every header must fit." })),
    queryParameters: Type.Optional(Type.Array(queryMatchSchema, { description: "Every parameter must fit." })),
  },
  { description: "Every condition must hold; at least one." },
);

const headers = (description: string) =>
  Type.Optional(
    Type.Array(
      Type.Object({ name: Type.String({ description: "Header name." }), value: Type.String({ description: "Header value." }) }),
      { description },
    ),
  );

const headerFilter = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        set: headers("Headers to overwrite."),
        add: headers("Headers to add beside others."),
        remove: Type.Optional(Type.Array(Type.String({ description: "Header name." }), { description: "Headers to remove." })),
      },
      { description },
    ),
  );

const rewriteFields = {
  replaceFull: Type.Optional(Type.String({ description: "The whole new path; not together with `replacePrefixMatch`." })),
  replacePrefixMatch: Type.Optional(Type.String({ description: "Takes the place of the matched prefix." })),
};

const redirectSchema = Type.Object(
  {
    scheme: Type.Optional(Type.String({ description: "New scheme." })),
    hostname: Type.Optional(Type.String({ description: "New host." })),
    port: Type.Optional(portNumber("New port. Default: that of the listener.")),
    statusCode: Type.Integer({ description: "Status, from 300 to 308." }),
    path: Type.Optional(Type.Object(rewriteFields, { description: "New path." })),
  },
  { description: "Answers with another address; stands alone, without backends." },
);

const filterSchema = Type.Object(
  {
    requestHeader: headerFilter("Changes headers of requests."),
    responseHeader: headerFilter("Changes headers of responses."),
    mirror: Type.Optional(
      Type.Object(
        { backend: backendSchema, percentage: requestShare("Share of the requests, from 0 to 100.") },
        { description: "Sends copies of requests elsewhere." },
      ),
    ),
    redirect: Type.Optional(redirectSchema),
    rewrite: Type.Optional(
      Type.Object(
        {
          ...rewriteFields,
          hostToBackendHostname: Type.Optional(
            Type.Boolean({ description: "Use the backend's host; for external services. Default false." }),
          ),
        },
        { description: "Changes path or host of requests." },
      ),
    ),
  },
  { description: "Exactly one of the five." },
);

const httpRuleSchema = Type.Object({
  matches: Type.Array(matchSchema, { description: "The rule is for requests that fit any of these." }),
  filters: Type.Optional(Type.Array(filterSchema, { description: "What happens to them." })),
  backends,
});

const httpSchema = Type.Object(
  {
    hostnames: Type.Optional(
      Type.Array(Type.String({ description: "A host name, `*.` before it for all below it." }), {
        description: "Only requests for these hosts. Default: all of the listener.",
      }),
    ),
    rules: Type.Array(httpRuleSchema, { description: "Routes; the most specific one that fits counts." }),
  },
  { description: "For HTTP and HTTPS listeners." },
);

const tcpSchema = Type.Object(
  { rules: Type.Optional(Type.Array(Type.Object({ backends }), { description: "One rule." })) },
  { description: "For TCP and TLS listeners." },
);

export const meshGatewayRouteSchema = Type.Object({
  selectors: Type.Optional(
    Type.Array(selectorSchema, { description: "Listeners of gateways, by their tags; each names `kuma.io/service`." }),
  ),
  conf: Type.Object(
    { tcp: Type.Optional(tcpSchema), http: Type.Optional(httpSchema) },
    { description: "Exactly one of tcp, http." },
  ),
});

export type MeshGatewayRouteSpec = SpecOf<typeof meshGatewayRouteSchema>;
export type GatewayBackend = SpecOf<typeof backendSchema>;
export type GatewayHttpRule = SpecOf<typeof httpRuleSchema>;
export type GatewayMatch = SpecOf<typeof matchSchema>;
export type GatewayFilter = SpecOf<typeof filterSchema>;
