import type { Claims } from "./tokens.ts";

/** What a token says of its bearer: claim names as the peer writes them (dataplane-protocol.md section 14). */

export type ProxyTokenType = "dataplane" | "ingress" | "egress";

export interface DataplaneTokenOptions {
  /** Absent or "": any data plane of the mesh. */
  readonly name?: string;
  readonly mesh: string;
  /** Tags that the data plane must have, each with the values that it may have. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly type?: ProxyTokenType | "";
  /** Value of the label `kuma.io/workload`. */
  readonly workload?: string;
}

export function dataplaneClaims({ name = "", mesh, tags = {}, type = "", workload = "" }: DataplaneTokenOptions): Claims {
  return { Name: name, Mesh: mesh, Tags: tags, Type: type, Workload: workload };
}

export function zoneClaims(options: { readonly zone: string; readonly scope: readonly string[] }): Claims {
  return { Zone: options.zone, Scope: options.scope };
}

export function userClaims(options: { readonly name: string; readonly groups: readonly string[] }): Claims {
  return { Name: options.name, Groups: options.groups };
}

export interface DataplaneIdentity {
  readonly name: string;
  readonly mesh: string;
  /** Every tag with all of its values, over all inbounds and the gateway. */
  readonly tags: ReadonlyMap<string, ReadonlySet<string>>;
  readonly type?: ProxyTokenType;
  /** Its label `kuma.io/workload`. */
  readonly workload?: string | undefined;
}

/** Whether a token is good for a data plane. Returns the reason when it is not. */
export function checkDataplaneToken(claims: Claims, dataplane: DataplaneIdentity): string | undefined {
  const name = textClaim(claims, "Name");
  if (name !== "" && name !== dataplane.name) return `the token is for the data plane ${name}, not ${dataplane.name}`;
  const mesh = textClaim(claims, "Mesh");
  if (mesh !== "" && mesh !== dataplane.mesh) return `the token is for the mesh ${mesh}, not ${dataplane.mesh}`;
  const type = textClaim(claims, "Type");
  if (type !== "" && dataplane.type !== undefined && type !== dataplane.type) {
    return `the token is for a proxy of type ${type}, not ${dataplane.type}`;
  }
  const workload = textClaim(claims, "Workload");
  if (workload !== "" && workload !== dataplane.workload) {
    return `the token is for the workload ${workload}, not ${dataplane.workload || "one without a label kuma.io/workload"}`;
  }
  return tagRefusal(claims["Tags"], dataplane.tags);
}

function tagRefusal(claim: unknown, tags: DataplaneIdentity["tags"]): string | undefined {
  if (claim === undefined || claim === null) return undefined;
  if (typeof claim !== "object" || Array.isArray(claim)) return "the token's claim Tags is not an object";
  for (const [tag, allowed] of Object.entries(claim)) {
    const values = tags.get(tag);
    if (!values || values.size === 0) return `the token requires the tag ${tag}, which the data plane does not have`;
    const allowedValues: readonly unknown[] = Array.isArray(allowed) ? allowed : [];
    const refused = [...values].filter((value) => !allowedValues.includes(value));
    if (refused.length > 0)
      return `the token does not allow the tag ${tag}=${refused.join(",")} (allowed: ${allowedValues.join(", ") || "none"})`;
  }
  return undefined;
}

export interface ZoneIdentity {
  readonly zone: string;
  /** What the bearer wants to be, e.g. `ingress`; absent where any zone token will do. */
  readonly scope?: string;
}

/** Whether a zone token is good for a zone. Returns the reason when it is not. */
export function checkZoneToken(claims: Claims, { zone, scope }: ZoneIdentity): string | undefined {
  const tokenZone = textClaim(claims, "Zone");
  if (tokenZone !== "" && tokenZone !== zone) return `the token is for the zone ${tokenZone}, not ${zone}`;
  const scopes: readonly unknown[] = Array.isArray(claims["Scope"]) ? claims["Scope"] : [];
  if (scope !== undefined && !scopes.includes(scope)) {
    return `the token's scope is ${scopes.join(", ") || "empty"}; ${scope} is needed`;
  }
  return undefined;
}

function textClaim(claims: Claims, name: string): string {
  const value = claims[name];
  return typeof value === "string" ? value : "";
}
