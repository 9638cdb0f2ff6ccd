import {
  compareText,
  isDomainName,
  keyText,
  type NameTemplate,
  parseTemplate,
  type Resource,
  renderTemplate,
  type Tags,
  type TemplateResult,
  tagNames,
  type VirtualOutboundSpec,
} from "@meridian/model";
import { identityOf } from "../identity.ts";
import type { NameClaim } from "./claim.ts";

/** A VirtualOutbound, read once for all the tags that it names. */
export interface VirtualOutbound {
  /** `keyText` */
  readonly key: string;
  /** As its user called it. */
  readonly name: string;
  readonly selectors: readonly Tags[];
  readonly host: TemplateResult<NameTemplate>;
  readonly port: TemplateResult<NameTemplate>;
  readonly parameters: readonly { readonly name: string; readonly tag: string }[];
}

export function readVirtualOutbound(resource: Resource<VirtualOutboundSpec>): VirtualOutbound {
  const { selectors = [], conf } = resource.spec;
  return {
    key: keyText(resource),
    name: identityOf(resource).name,
    selectors: selectors.map(({ match = {} }) => match as Tags),
    host: parseTemplate(conf.host),
    port: parseTemplate(conf.port),
    parameters: (conf.parameters ?? []).map(({ name, tagKey }) => ({ name, tag: tagKey || name })),
  };
}

/**
 * What a VirtualOutbound calls whoever has these tags; its destination are those with the same values of the tags that parameters name
 * (reference: resources-legacy.md section 12). Undefined: it does not select them, or its templates make no host and port of them, as
 * when a parameter's tag is missing.
 */
export function claimOf({ key, name, selectors, host, port, parameters }: VirtualOutbound, tags: Tags): NameClaim | undefined {
  if (!selectors.some((match) => fits(match, tags))) return undefined;
  const named = parameters.filter(({ tag }) => tags[tag] !== undefined);
  const fields = Object.fromEntries(named.map(({ name: field, tag }) => [field, tags[tag] ?? ""]));
  const hostText = render(host, fields)?.replace(/\.$/, "").toLowerCase() ?? "";
  const portText = render(port, fields) ?? "";
  const destination = named.map(({ tag }) => [tag, tags[tag] ?? ""] as const).sort(([a], [b]) => compareText(a, b));
  const to: Tags = Object.fromEntries(destination);
  const isUsable = isDomainName(hostText) && /^\+?\d+$/.test(portText) && to[tagNames.service] !== undefined;
  const portNumber = Number(portText);
  if (!isUsable || portNumber < 1 || portNumber > 65_535) return undefined;
  return { host: hostText, port: portNumber, tags: to, by: key, byName: name };
}

function render(template: TemplateResult<NameTemplate>, fields: Readonly<Record<string, string>>): string | undefined {
  if ("problem" in template) return undefined;
  const rendered = renderTemplate(template.ok, { fields, label: () => undefined });
  return "ok" in rendered ? rendered.ok : undefined;
}

/** `*` means that the tag is there. */
function fits(match: Tags, tags: Tags): boolean {
  return Object.entries(match).every(([tag, value]) => tags[tag] !== undefined && (value === "*" || value === tags[tag]));
}
