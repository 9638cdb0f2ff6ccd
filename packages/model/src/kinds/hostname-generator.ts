import { Type } from "@sinclair/typebox";
import { type SpecOf, stringMap } from "../fragments.ts";
import { parseTemplate, renderTemplate } from "../go-template/template.ts";
import type { KindDefinition } from "../kind.ts";
import { isSubdomain } from "../rules/names.ts";
import type { Violation } from "../violation.ts";

const selectorOf = (kind: string) =>
  Type.Optional(Type.Object({ matchLabels: Type.Optional(stringMap(`Labels that a ${kind} has to have; absent: every one.`)) }));

export const hostnameGeneratorSchema = Type.Object({
  selector: Type.Optional(
    Type.Object(
      {
        meshService: selectorOf("MeshService"),
        meshExternalService: selectorOf("MeshExternalService"),
        meshMultiZoneService: selectorOf("MeshMultiZoneService"),
      },
      { description: "What gets a name: exactly one of the three." },
    ),
  ),
  template: Type.Optional(
    Type.String({
      description: 'The name, with `{{ .DisplayName }}`, `.Name`, `.Namespace`, `.Zone`, `.Mesh` and `{{ label "key" }}`.',
    }),
  ),
  extension: Type.Optional(
    Type.Object({
      type: Type.String({ description: "Name of the extension." }),
      config: Type.Optional(Type.Unknown({ description: "Its own configuration." })),
    }),
  ),
});

export type HostnameGeneratorSpec = SpecOf<typeof hostnameGeneratorSchema>;

/** Source of the rules and texts: resources.md sections 3 and 10. */
function validateHostnameGenerator({ selector = {}, template = "", extension }: HostnameGeneratorSpec): readonly Violation[] {
  const isOne = Object.keys(selector).length === 1;
  const message = "exact one selector (meshService, meshExternalService) must be defined";
  const problem = templateProblem(template);
  return [
    ...(isOne ? [] : [{ path: "spec.selector", message }]),
    ...(problem === undefined ? [] : [{ path: "spec.template", message: problem }]),
    ...(extension?.type === "" ? [{ path: "spec.extension.type", message: "must not be empty" }] : []),
  ];
}

/** What a service could be called, to see whether the template makes a DNS name of it. */
const stub = {
  fields: { Name: "name", DisplayName: "displayname", Namespace: "namespace", Mesh: "mesh", Zone: "zone" },
  label: () => "label",
};

function templateProblem(source: string): string | undefined {
  if (source === "") return "must not be empty";
  const parsed = parseTemplate(source);
  if ("problem" in parsed) return `couldn't parse template: ${parsed.problem}`;
  const rendered = renderTemplate(parsed.ok, stub);
  if ("problem" in rendered) return `couldn't render template with stub values: ${rendered.problem}`;
  if (isSubdomain(rendered.ok)) return undefined;
  return (
    `template renders to ${JSON.stringify(rendered.ok)} which is not a valid DNS name: a lowercase RFC 1123 subdomain must consist ` +
    "of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  );
}

/** Gives DNS names to services. */
export const hostnameGeneratorKind: KindDefinition<HostnameGeneratorSpec> = {
  kind: "HostnameGenerator",
  path: "hostnamegenerators",
  shortName: "hg",
  singularDisplayName: "Hostname Generator",
  pluralDisplayName: "Hostname Generators",
  scope: "global",
  style: "spec",
  category: "core",
  sync: { globalToZone: true, zoneToGlobal: true },
  includeInFederation: true,
  schema: hostnameGeneratorSchema,
  validate: validateHostnameGenerator,
  warnings: ({ extension }) =>
    extension ? ["spec.extension: extensions are not applied yet: nobody makes names of this generator"] : [],
  example: `type: HostnameGenerator
name: team-a
spec:
  selector:
    meshService:
      matchLabels:
        team: a
  template: "{{ .DisplayName }}.{{ .Zone }}.a.mesh"
`,
};
