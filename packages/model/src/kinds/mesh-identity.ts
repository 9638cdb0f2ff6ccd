import { type TSchema, Type } from "@sinclair/typebox";
import { fillDefaults } from "../document/fill-defaults.ts";
import { parseDuration } from "../duration.ts";
import { durationText, type SpecOf, stringEnum, stringMap } from "../fragments.ts";
import { parseTemplate } from "../go-template/template.ts";
import type { KindDefinition } from "../kind.ts";
import type { Violation } from "../violation.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const keySourceSchema = Type.Object({
  type: stringEnum(["File", "Secret", "EnvVar", "InsecureInline"], { description: "Which of the fields below is meant." }),
  file: optional(Type.Object({ path: Type.String({ description: "Path on the control plane's machine." }) })),
  secretRef: optional(
    Type.Object({
      kind: optional(stringEnum(["Secret"], { default: "Secret", description: "What is referenced." })),
      name: Type.String({ description: "Name of a Secret of the mesh." }),
    }),
  ),
  envVar: optional(Type.Object({ name: Type.String({ description: "Variable of the control plane's environment." }) })),
  insecureInline: optional(
    Type.Object({ value: Type.String({ description: "The data itself: everybody who reads it has it." }) }),
  ),
});

const bundledSchema = Type.Object({
  autogenerate: optional(
    Type.Object({ enabled: optional(Type.Boolean({ description: "The control plane makes the CA itself." })) }),
  ),
  ca: optional(Type.Object({ certificate: optional(keySourceSchema), privateKey: optional(keySourceSchema) })),
  certificateParameters: optional(
    Type.Object({ expiry: optional(durationText("How long a proxy's certificate is good. Default 24h.")) }),
  ),
  insecureAllowSelfSigned: optional(Type.Boolean({ description: "Take a CA certificate that signs itself." })),
  meshTrustCreation: optional(
    stringEnum(["Enabled", "Disabled"], { default: "Enabled", description: "Whether a MeshTrust is made of the CA." }),
  ),
});

export const meshIdentitySchema = Type.Object({
  selector: optional(
    Type.Object(
      {
        dataplane: optional(
          Type.Object({ matchLabels: optional(stringMap("Labels that a data plane has to have; an empty map selects all.")) }),
        ),
      },
      { description: "Who gets the identity; absent: nobody." },
    ),
  ),
  spiffeID: optional(
    Type.Object({
      trustDomain: optional(Type.String({ description: "Default `{{ .Mesh }}.{{ .Zone }}.mesh.local`." })),
      path: optional(
        Type.String({
          description: "Default `/ns/{{ .Namespace }}/sa/{{ .ServiceAccount }}` on Kubernetes, else `/workload/{{ .Workload }}`.",
        }),
      ),
    }),
  ),
  provider: optional(
    Type.Object({
      type: stringEnum(["Bundled", "Spire", "Extension"], { description: "Who issues certificates." }),
      bundled: optional(bundledSchema),
      spire: optional(
        Type.Object({
          agent: optional(Type.Object({ timeout: optional(durationText("For connecting to the agent. Default 1s.")) })),
        }),
      ),
      extension: optional(
        Type.Object({
          name: Type.String({ description: "Name of the extension." }),
          config: optional(Type.Unknown({ description: "Its own configuration." })),
        }),
      ),
    }),
  ),
});

export type MeshIdentitySpec = SpecOf<typeof meshIdentitySchema>;
type Provider = NonNullable<MeshIdentitySpec["provider"]>;
type Bundled = NonNullable<Provider["bundled"]>;
type KeySource = SpecOf<typeof keySourceSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshIdentity({ spiffeID = {}, provider }: MeshIdentitySpec): readonly Violation[] {
  return [
    ...(["trustDomain", "path"] as const).flatMap((field) => validateTemplate(`spec.spiffeID.${field}`, spiffeID[field])),
    ...(provider ? validateProvider("spec.provider", provider) : [{ path: "spec.provider.type", message: "must be defined" }]),
  ];
}

function validateTemplate(path: string, source: string | undefined): readonly Violation[] {
  const parsed = parseTemplate(source ?? "");
  return "problem" in parsed ? [{ path, message: `couldn't parse template: ${parsed.problem}` }] : [];
}

function validateProvider(path: string, { type, bundled, spire, extension }: Provider): readonly Violation[] {
  const message = "configuration needs to be defined";
  if (type === "Bundled") return bundled ? validateBundled(`${path}.bundled`, bundled) : [{ path: `${path}.bundled`, message }];
  if (type === "Spire") return spire ? [] : [{ path: `${path}.spire`, message }];
  if (!extension) return [{ path: `${path}.extension`, message }];
  return extension.name === "" ? [{ path: `${path}.extension.name`, message: "must not be empty" }] : [];
}

function validateBundled(path: string, { autogenerate, ca = {}, certificateParameters }: Bundled): readonly Violation[] {
  const { expiry } = certificateParameters ?? {};
  const isTooShort = expiry !== undefined && (parseDuration(expiry) ?? 0) <= 0;
  const where = `${path}.certificateParameters.expiry`;
  return [
    ...(["certificate", "privateKey"] as const).flatMap((field) =>
      validateKeySource(`${path}.ca.${field}`, ca[field], autogenerate?.enabled === true),
    ),
    ...(isTooShort ? [{ path: where, message: "must be greater than 0" }] : []),
  ];
}

const fieldOfSource = { File: "file", Secret: "secretRef", EnvVar: "envVar", InsecureInline: "insecureInline" } as const;

function validateKeySource(path: string, source: KeySource | undefined, isGenerated: boolean): readonly Violation[] {
  if (isGenerated) return source ? [{ path, message: "shouldn't be defined once using autogenerated" }] : [];
  if (!source) return [{ path, message: "needs to be defined" }];
  const field = fieldOfSource[source.type];
  const content = source[field];
  if (!content) return [{ path: `${path}.${field}`, message: "must be defined" }];
  return Object.entries(content)
    .filter(([, value]) => value === "")
    .map(([key]) => ({ path: `${path}.${field}.${key}`, message: "must not be empty" }));
}

/** Which proxies get a SPIFFE id, which one, and who issues its certificate. */
export const meshIdentityKind: KindDefinition<MeshIdentitySpec> = {
  kind: "MeshIdentity",
  path: "meshidentities",
  shortName: "mid",
  singularDisplayName: "Mesh Identity",
  pluralDisplayName: "Mesh Identities",
  scope: "mesh",
  style: "spec",
  category: "core",
  hasPolicyStatus: true,
  sync: { globalToZone: true, zoneToGlobal: true },
  includeInFederation: true,
  schema: meshIdentitySchema,
  validate: validateMeshIdentity,
  normalise: (spec) => fillDefaults(meshIdentitySchema, spec),
  example: `type: MeshIdentity
mesh: default
name: all
spec:
  selector:
    dataplane:
      matchLabels: {}
  provider:
    type: Bundled
    bundled:
      autogenerate:
        enabled: true
      insecureAllowSelfSigned: true
      meshTrustCreation: Enabled
`,
};
