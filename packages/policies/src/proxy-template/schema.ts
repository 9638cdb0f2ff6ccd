import { type SpecOf, selectorSchema, stringMap } from "@meridian/model";
import { type TProperties, Type } from "@sinclair/typebox";

const operation = (operations: string) => Type.String({ description: `What is done: ${operations}.` });
const origin = Type.Optional(Type.String({ description: "What made the resource: `inbound`, `outbound`, …" }));
const name = (what: string) => Type.Optional(Type.String({ description: `Name of the ${what}.` }));

function modification<Match extends TProperties>(options: {
  readonly what: string;
  readonly operations: string;
  readonly match: Match;
}) {
  return Type.Object(
    {
      operation: operation(options.operations),
      match: Type.Optional(
        Type.Object({ origin, ...options.match }, { description: "Which ones; every condition must hold. Absent: all." }),
      ),
      value: Type.Optional(Type.String({ description: "The resource to add, or what to merge into it, as YAML." })),
    },
    { description: `Changes ${options.what}.` },
  );
}

const resourceOperations = "add, patch or remove";
const filterOperations = "addFirst, addLast, addBefore, addAfter, patch or remove";

const filterMatch = {
  name: name("filter"),
  listenerName: name("listener"),
  listenerTags: Type.Optional(stringMap("Tags of the listener.")),
};

const modificationSchema = Type.Object(
  {
    cluster: Type.Optional(modification({ what: "clusters", operations: resourceOperations, match: { name: name("cluster") } })),
    listener: Type.Optional(
      modification({
        what: "listeners",
        operations: resourceOperations,
        match: { name: name("listener"), tags: Type.Optional(stringMap("Tags of the listener.")) },
      }),
    ),
    networkFilter: Type.Optional(
      modification({ what: "network filters of listeners", operations: filterOperations, match: filterMatch }),
    ),
    httpFilter: Type.Optional(
      modification({ what: "HTTP filters of listeners", operations: filterOperations, match: filterMatch }),
    ),
    virtualHost: Type.Optional(
      modification({
        what: "virtual hosts of routes that stand in a listener",
        operations: resourceOperations,
        match: { name: name("virtual host"), routeConfigurationName: name("route configuration") },
      }),
    ),
  },
  { description: "Exactly one of the five." },
);

const rawResourceSchema = Type.Object({
  name: Type.String({ description: "Name of the resource." }),
  version: Type.String({ description: "Any text; the peer's first versions sent it to Envoy." }),
  resource: Type.String({ description: "The resource as YAML, its type in `@type`." }),
});

export const proxyTemplateSchema = Type.Object({
  selectors: Type.Optional(
    Type.Array(selectorSchema, { description: "Proxies; each selector names `kuma.io/service`. Empty: every proxy." }),
  ),
  conf: Type.Optional(
    Type.Object(
      {
        imports: Type.Optional(
          Type.Array(Type.String({ description: "default-proxy, gateway-proxy, ingress-proxy or egress-proxy." }), {
            description: "What to start from. Absent: nothing, so who only modifies imports `default-proxy`.",
          }),
        ),
        resources: Type.Optional(Type.Array(rawResourceSchema, { description: "Resources to add as they are." })),
        modifications: Type.Optional(Type.Array(modificationSchema, { description: "Changes, made last and in this order." })),
      },
      { description: "What the proxy's config is made of." },
    ),
  ),
});

export type ProxyTemplateSpec = SpecOf<typeof proxyTemplateSchema>;
export type ProxyTemplateConf = NonNullable<ProxyTemplateSpec["conf"]>;
export type Modification = SpecOf<typeof modificationSchema>;
