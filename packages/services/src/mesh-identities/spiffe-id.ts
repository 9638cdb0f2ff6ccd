const trustDomainPattern = /^[a-z0-9._-]{1,255}$/;
const pathPattern = /^(?:\/[a-zA-Z0-9._-]+)+$/;
/** SPIFFE-ID section 2.3: what every implementation must take. */
const longestIdBytes = 2_048;

/** Why a text cannot be a trust domain (SPIFFE-ID section 2.1); undefined when it can. */
export function trustDomainProblem(text: string): string | undefined {
  if (trustDomainPattern.test(text)) return undefined;
  return `${JSON.stringify(text)} is not a trust domain: a-z, 0-9, ".", "_" and "-", at most 255`;
}

/** Why a text cannot be the SPIFFE id of a workload (SPIFFE-ID sections 2.1 to 2.3); undefined when it can. */
export function spiffeIdProblem(text: string): string | undefined {
  const [, trustDomain = "", path = ""] = /^spiffe:\/\/([^/]*)(.*)$/s.exec(text) ?? [];
  const problem = trustDomainProblem(trustDomain);
  if (problem !== undefined) return problem;
  const segments = path.split("/").slice(1);
  const isPath = pathPattern.test(path) && !segments.includes(".") && !segments.includes("..");
  if (!isPath) return `${JSON.stringify(path)} is not the path of a SPIFFE id: segments of a-z, A-Z, 0-9, ".", "_" and "-"`;
  return text.length <= longestIdBytes ? undefined : `the SPIFFE id is longer than ${longestIdBytes} bytes`;
}
