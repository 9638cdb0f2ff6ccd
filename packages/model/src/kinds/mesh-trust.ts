import { Type } from "@sinclair/typebox";
import { type SpecOf, stringEnum } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { at, type Violation } from "../violation.ts";

const bundleSchema = Type.Object({
  type: stringEnum(["Pem"], { description: "Form of the certificates." }),
  pem: Type.Optional(Type.Object({ value: Type.String({ description: "Certificates of CAs; never a private key." }) })),
});

export const meshTrustSchema = Type.Object({
  trustDomain: Type.String({ description: "Domain of the SPIFFE ids that the bundles are good for." }),
  caBundles: Type.Array(bundleSchema, { description: "CAs of the trust domain; at least one." }),
  origin: Type.Optional(
    Type.Object({ kri: Type.Optional(Type.String({ description: "The MeshIdentity that it was made of." })) }),
  ),
});

export type MeshTrustSpec = SpecOf<typeof meshTrustSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshTrust({ trustDomain, caBundles }: MeshTrustSpec): readonly Violation[] {
  const path = "spec.trustDomain";
  return [
    ...(caBundles.length === 0 ? [{ path: "spec.caBundles", message: "must not be empty" }] : []),
    ...caBundles.flatMap(({ pem }, index) => validatePem(`${at("spec.caBundles", index)}.pem`, pem)),
    ...(trustDomain === "" ? [{ path, message: "trustDomain needs to be defined" }] : []),
    ...(trustDomain.length > 253 ? [{ path, message: "cannot be longer than 253 characters" }] : []),
  ];
}

function validatePem(path: string, pem: { readonly value: string } | undefined): readonly Violation[] {
  if (!pem) return [{ path, message: "must be defined" }];
  return holdsCertificates(pem.value) ? [] : [{ path: `${path}.value`, message: "provided certificate has incorrect format" }];
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s]+-----END \1-----/g;

/** At least one block, and nothing secret: everybody who reads the mesh reads this. */
function holdsCertificates(text: string): boolean {
  const labels = [...text.matchAll(block)].map(([, label]) => label ?? "");
  return labels.length > 0 && !/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text);
}

/** Whose certificates the proxies of a mesh believe, for one trust domain. */
export const meshTrustKind: KindDefinition<MeshTrustSpec> = {
  kind: "MeshTrust",
  path: "meshtrusts",
  shortName: "mtrust",
  singularDisplayName: "Mesh Trust",
  pluralDisplayName: "Mesh Trusts",
  scope: "mesh",
  style: "spec",
  category: "core",
  hasPolicyStatus: true,
  sync: { globalToZone: true, zoneToGlobal: true, zoneToZone: true },
  includeInFederation: true,
  schema: meshTrustSchema,
  validate: validateMeshTrust,
  warnings: ({ origin }) =>
    origin ? ["'spec.origin' is deprecated: the control plane says in the status where a trust comes from"] : [],
  example: `type: MeshTrust
mesh: default
name: partner
spec:
  trustDomain: partner.example
  caBundles:
    - type: Pem
      pem:
        value: |
          -----BEGIN CERTIFICATE-----
          MIIBSzCB86ADAgECAgEBMAoGCCqGSM49BAMCMAAwHhcNMjYwMTAxMDAwMDAwWhcN
          -----END CERTIFICATE-----
`,
};
