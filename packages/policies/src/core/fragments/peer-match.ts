import { isDomainName, type SpecOf, stringEnum, type Violation } from "@meridian/model";
import { Type } from "@sinclair/typebox";

/** Which clients a rule of an inbound policy is for (reference: resources.md section 6). */
export const peerMatchSchema = Type.Object(
  {
    spiffeID: Type.Optional(
      Type.Object({
        type: stringEnum(["Exact", "Prefix"], { description: "How the id is compared." }),
        value: Type.String({ minLength: 1, description: "`spiffe://<trust domain>/<path>`." }),
      }),
    ),
    sni: Type.Optional(
      Type.Object({
        type: stringEnum(["Exact"], { description: "How the name is compared." }),
        value: Type.String({ minLength: 1, description: "Server name that the client asks for." }),
      }),
    ),
  },
  { description: "Both conditions must hold; at least one." },
);

const spiffeId = /^spiffe:\/\/[a-z0-9.\-_]+(?:\/[a-zA-Z0-9.\-_/]*)?$/;
const spiffePrefix = /^spiffe:\/\/(?:[a-z0-9.\-_]+(?:\/[a-zA-Z0-9.\-_/]*)?)?$/;

export function validatePeerMatch(path: string, match: SpecOf<typeof peerMatchSchema>): readonly Violation[] {
  const { spiffeID, sni } = match;
  if (!spiffeID && !sni) return [{ path, message: "must have at least one defined: spiffeID, sni" }];
  const violations: Violation[] = [];
  if (spiffeID && !(spiffeID.type === "Exact" ? spiffeId : spiffePrefix).test(spiffeID.value)) {
    violations.push({ path: `${path}.spiffeID.value`, message: "must be a valid SPIFFE ID: spiffe://<trust domain>/<path>" });
  }
  if (sni && !isDomainName(sni.value)) violations.push({ path: `${path}.sni.value`, message: "must be a valid DNS name" });
  return violations;
}
