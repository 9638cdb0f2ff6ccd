import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { plainRules, targetedItems } from "../core/fragments/target-items.ts";

const versions = ["TLSAuto", "TLS10", "TLS11", "TLS12", "TLS13"] as const;

const tlsVersionSchema = Type.Object(
  {
    min: Type.Optional(stringEnum(versions, { default: "TLSAuto", description: "Lowest version. Default: Envoy's own." })),
    max: Type.Optional(stringEnum(versions, { default: "TLSAuto", description: "Highest version. Default: Envoy's own." })),
  },
  { description: "Versions of TLS, for inbounds and outbounds. Only with a policy for the whole mesh." },
);

const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-CHACHA20-POLY1305",
] as const;

const tlsConfSchema = Type.Object(
  {
    mode: Type.Optional(
      stringEnum(["Permissive", "Strict"], {
        description: "Whether inbounds take plain connections too. Default: the mode of the mesh's mTLS backend.",
      }),
    ),
    tlsVersion: Type.Optional(tlsVersionSchema),
    tlsCiphers: Type.Optional(
      Type.Array(stringEnum(ciphers, { description: "A cipher suite of TLS 1.2." }), {
        description: "Cipher suites, for inbounds and outbounds. Only with a policy for the whole mesh.",
      }),
    ),
  },
  { description: "How mTLS is spoken." },
);

export const meshTlsSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  from: targetedItems(tlsConfSchema, "TLS of inbounds. Deprecated: use rules."),
  rules: plainRules(tlsConfSchema, "TLS of inbounds."),
});

export type MeshTlsSpec = SpecOf<typeof meshTlsSchema>;
export type TlsConf = SpecOf<typeof tlsConfSchema>;
export type TlsVersion = (typeof versions)[number];
