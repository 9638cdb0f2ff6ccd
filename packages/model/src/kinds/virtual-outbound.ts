import { Type } from "@sinclair/typebox";
import { type SpecOf, selectorSchema, type Unchecked } from "../fragments.ts";
import { parseTemplate, renderTemplate } from "../go-template/template.ts";
import type { KindDefinition } from "../kind.ts";
import { type Tags, tagNames } from "../labels.ts";
import { isDomainName } from "../rules/network.ts";
import { validateSelectors } from "../rules/tags.ts";
import { at, type Violation } from "../violation.ts";

export const virtualOutboundSchema = Type.Object({
  selectors: Type.Optional(
    Type.Array(selectorSchema, { description: "Inbounds and external services that get a host; any tags." }),
  ),
  conf: Type.Object(
    {
      host: Type.String({ description: "Template of the host name: `{{.svc}}.{{.version}}.mesh`." }),
      port: Type.String({ description: "Template of the port: `8080`, `{{.port}}`." }),
      parameters: Type.Optional(
        Type.Array(
          Type.Object({
            name: Type.String({ description: "Name in the templates; letters and digits." }),
            tagKey: Type.Optional(Type.String({ description: "Tag whose value it has. Default: the tag called `name`." })),
          }),
          { description: "What the templates may use; one of them is for `kuma.io/service`." },
        ),
      ),
    },
    { description: "Hosts and ports, made of tags." },
  ),
});

export type VirtualOutboundSpec = SpecOf<typeof virtualOutboundSchema>;
type Conf = Unchecked<VirtualOutboundSpec["conf"]>;
type Parameter = NonNullable<Conf["parameters"]>[number];

/** Source of rules and words: resources-legacy.md section 12. */
function validateVirtualOutbound(spec: Unchecked<VirtualOutboundSpec>): readonly Violation[] {
  const selectors = spec.selectors as readonly { readonly match?: Tags }[] | undefined;
  const { conf } = spec;
  return [
    ...validateSelectors("selectors", selectors),
    ...(conf ? validateConf(conf) : [{ path: "conf", message: "has to be defined" }]),
  ];
}

function validateConf({ host = "", port = "", parameters = [] }: Conf): readonly Violation[] {
  return [
    ...validateTemplate("conf.host", host === "" ? "" : hostProblem(host, sampleFields(parameters, "dummy")), host),
    ...validateTemplate("conf.port", port === "" ? "" : portProblem(port, sampleFields(parameters, "1")), port),
    ...validateParameters("conf.parameters", parameters),
  ];
}

function validateTemplate(path: string, problem: string | undefined, template: string): readonly Violation[] {
  if (template === "") return [{ path, message: "has to be defined" }];
  if (problem === undefined) return [];
  return [{ path, message: `template pre evaluation failed with error=${JSON.stringify(problem)}` }];
}

/** Templates are tried with the same value for every tag. */
function sampleFields(parameters: readonly Parameter[], value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(parameters.map(({ name = "" }) => [name, value]));
}

type Evaluated = { readonly text: string; readonly problem?: never } | { readonly problem: string };

function evaluate(template: string, fields: Readonly<Record<string, string>>): Evaluated {
  const parsed = parseTemplate(template);
  if ("problem" in parsed) return { problem: `failed compiling gotemplate error=${JSON.stringify(parsed.problem)}` };
  const rendered = renderTemplate(parsed.ok, { fields, label: () => undefined });
  if ("ok" in rendered) return { text: rendered.ok };
  return { problem: `pre evaluation of template with parameters failed with error=${JSON.stringify(rendered.problem)}` };
}

function hostProblem(template: string, fields: Readonly<Record<string, string>>): string | undefined {
  const result = evaluate(template, fields);
  if (result.problem !== undefined) return result.problem;
  if (isDomainName(result.text)) return undefined;
  return `evaluation of template with parameters didn't return a valid dns name result=${JSON.stringify(result.text)}`;
}

function portProblem(template: string, fields: Readonly<Record<string, string>>): string | undefined {
  const result = evaluate(template, fields);
  if (result.problem !== undefined) return result.problem;
  if (!/^[+-]?\d+$/.test(result.text)) {
    const found = JSON.stringify(result.text);
    return `evaluation of template with parameters didn't evaluate to a parsable number result=${found}`;
  }
  const port = Number(result.text);
  if (port >= 1 && port <= 65_535) return undefined;
  return `evaluation of template returned a port outside of the range [1..65535] result=${port}`;
}

const tagName = /^[a-zA-Z0-9.\-_:/]+$/;

function validateParameters(path: string, parameters: readonly Parameter[]): readonly Violation[] {
  const seen = new Set<string>();
  const violations: Violation[] = [];
  parameters.forEach(({ name = "", tagKey = "" }, index) => {
    const where = at(path, index);
    if (seen.has(name)) violations.push({ path: `${where}.name`, message: "name is already used" });
    seen.add(name);
    if (tagKey !== "" && !tagName.test(tagKey)) {
      violations.push({ path: `${where}.tagKey`, message: "must be a valid tag name" });
    }
    if (tagKey === "" && name !== "" && !tagName.test(name)) {
      violations.push({ path: `${where}.name`, message: "must be a valid tag name if you are not setting tagKey" });
    }
    if (!/^[a-zA-Z0-9]+$/.test(name)) {
      const message = "must consist of alphanumeric characters to be used as a gotemplate key";
      violations.push({ path: `${where}.name`, message });
    }
  });
  if (parameters.some(({ name, tagKey }) => (tagKey || name) === tagNames.service)) return violations;
  return [...violations, { path, message: `must contain a parameter with ${tagNames.service} as a tagKey` }];
}

/** Gives services more host names, made of their tags; each leads to the instances with these tags. */
export const virtualOutboundKind: KindDefinition<VirtualOutboundSpec> = {
  kind: "VirtualOutbound",
  path: "virtual-outbounds",
  singularDisplayName: "Virtual Outbound",
  pluralDisplayName: "Virtual Outbounds",
  scope: "mesh",
  style: "legacy",
  category: "core",
  hasPolicyStatus: true,
  sync: { globalToZone: true },
  includeInFederation: true,
  schema: virtualOutboundSchema,
  validate: validateVirtualOutbound,
  example: `type: VirtualOutbound
mesh: default
name: per-version
selectors:
  - match:
      kuma.io/service: "*"
      version: "*"
conf:
  host: "{{.svc}}.{{.ver}}.apps"
  port: "8080"
  parameters:
    - name: svc
      tagKey: kuma.io/service
    - name: ver
      tagKey: version
`,
};
