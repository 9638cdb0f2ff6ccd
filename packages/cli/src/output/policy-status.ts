import type { PolicyStatus, ZonePolicyStatus } from "@meridian/model";
import { envoyWords } from "./envoy-words.ts";
import { describeResource } from "./format.ts";
import type { TextStyle } from "./style.ts";
import { renderTable } from "./table.ts";

type Standing = Pick<PolicyStatus, "proxies"> & { readonly state: PolicyStatus["state"] | ZonePolicyStatus["state"] };

/** `120/120`, `119/120, 1 rejected`, `2/3, 1 waiting`, `0/3, 3 unknown`, `no proxy`: of the proxies that a policy applies to those that hold it. */
export function appliedText({ state, proxies }: Standing, style: TextStyle): string {
  const { applied, converged, pending, rejected, unknown } = proxies;
  const parts = [`${converged}/${applied}`];
  if (rejected > 0) parts.push(`${rejected} rejected`);
  else if (state === "rejected") parts.push("rejected");
  if (pending > 0) parts.push(`${pending} waiting`);
  if (unknown > 0) parts.push(`${unknown} unknown`);
  const text = applied === 0 && parts.length === 1 ? withoutProxies(state) : parts.join(", ");
  return colourOf(state, style)(text);
}

function withoutProxies(state: Standing["state"]): string {
  return state === "pending" || state === "unknown" ? state : "no proxy";
}

function colourOf(state: Standing["state"], style: TextStyle): (text: string) => string {
  if (state === "rejected") return style.bad;
  if (state === "pending" || state === "unknown") return style.warn;
  return state === "converged" ? style.good : style.dim;
}

/** Of one policy: its zones, and what is said against it. */
export function describePolicyStatus(status: PolicyStatus, style: TextStyle): string {
  const { type: kind, mesh, name, zones } = status;
  const title = `${describeResource({ kind, ...(mesh !== undefined && { mesh }), name })}: ${appliedText(status, style)}\n`;
  if (zones.length === 0) return `${title}No zone gets it.\n`;
  const rows = zones.map((zone) => [zone.zone, stateText(zone, style), appliedText(zone, style)]);
  const against = objections(status, style);
  return `${title}\n${renderTable(["ZONE", "STATE", "APPLIED"], rows, style)}${against.length > 0 ? `\n${against.join("\n")}\n` : ""}`;
}

function stateText({ state, unknownSince }: ZonePolicyStatus, style: TextStyle): string {
  const text = state === "unapplied" ? "applies to no proxy" : state;
  return colourOf(state, style)(state === "unknown" && unknownSince !== undefined ? `unknown since ${unknownSince}` : text);
}

/** Envoy's words with the proxies that say them, and what the policy cannot do. */
export function objections({ zones }: Pick<PolicyStatus, "zones">, style: TextStyle): readonly string[] {
  return zones.flatMap(({ zone, rejections, notes }) => [
    ...rejections.flatMap(({ message, proxies, proxyNames, resources, revision }) => [
      `${style.bad("rejected")} by ${namesText(proxyNames, proxies)} in ${zone} (revision ${revision})`,
      ...envoyWords(message, resources),
    ]),
    ...notes.map(
      ({ message, proxies }) =>
        `${style.warn("note")} of ${proxies} ${proxies === 1 ? "proxy" : "proxies"} in ${zone}: ${message}`,
    ),
  ]);
}

function namesText(names: readonly string[], count: number): string {
  const more = count - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
