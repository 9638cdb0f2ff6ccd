import {
  type HostnameGeneratorSpec,
  isSubdomain,
  type NameTemplate,
  parseTemplate,
  type Resource,
  type ResourceInput,
  renderTemplate,
  type TemplateResult,
} from "@meridian/model";
import { hasLabels, identityOf, selectableLabels } from "./identity.ts";
import { type Condition, type GeneratorOutcome, generatorFields, type HostnameStatus, isServiceKind } from "./status.ts";

/** A HostnameGenerator, read once for all the services that it names. */
export interface Generator {
  readonly name: string;
  readonly spec: HostnameGeneratorSpec;
  readonly template: TemplateResult<NameTemplate>;
}

export function readGenerator({ name, spec }: Resource<HostnameGeneratorSpec>): Generator {
  return { name, spec, template: parseTemplate(spec.template ?? "") };
}

/** Whether a generator names a service. Without `matchLabels` it names each of its kind. */
export function names({ spec }: Generator, service: ResourceInput): boolean {
  const selector = isServiceKind(service.kind) ? spec.selector?.[generatorFields[service.kind]] : undefined;
  // An extension makes its names elsewhere.
  return selector !== undefined && !spec.extension && hasLabels(selectableLabels(service), selector.matchLabels ?? {});
}

/** What one generator calls a service, or why it cannot. */
export function hostnameOf({ template }: Generator, service: ResourceInput): TemplateResult<string> {
  if ("problem" in template) return template;
  const { name, namespace, zone, mesh } = identityOf(service);
  const labels = selectableLabels(service);
  const rendered = renderTemplate(template.ok, {
    fields: { Name: service.name, DisplayName: name, Namespace: namespace, Mesh: mesh, Zone: zone },
    label: (key) => labels[key],
  });
  if ("problem" in rendered || isSubdomain(rendered.ok)) return rendered;
  return { problem: `${JSON.stringify(rendered.ok)} is not a DNS name` };
}

/** What every generator calls a service, sorted by the generators' names; only those that name it. */
export function renderHostnames(generators: Iterable<Generator>, service: ResourceInput): readonly RenderedHostname[] {
  const rendered: RenderedHostname[] = [];
  for (const generator of generators) {
    if (names(generator, service)) rendered.push({ generator: generator.name, result: hostnameOf(generator, service) });
  }
  return rendered.sort((a, b) => (a.generator < b.generator ? -1 : 1));
}

export interface RenderedHostname {
  readonly generator: string;
  readonly result: TemplateResult<string>;
}

/** @param ownerOf the resource that a host name belongs to: the oldest of those that ask for it, undefined for this one. */
export function hostnameStatus(
  rendered: readonly RenderedHostname[],
  ownerOf: (hostname: string) => string | undefined,
): HostnameStatus {
  const addresses = new Map<string, HostnameStatus["addresses"][number]>();
  const outcomes: GeneratorOutcome[] = [];
  for (const { generator, result } of rendered) {
    const hostnameGeneratorRef = { coreName: generator };
    const owner = "ok" in result ? ownerOf(result.ok) : undefined;
    outcomes.push({ hostnameGeneratorRef, conditions: [conditionOf(result, owner)] });
    if (!("ok" in result) || owner !== undefined || addresses.has(result.ok)) continue;
    addresses.set(result.ok, { hostname: result.ok, origin: "HostnameGenerator", hostnameGeneratorRef });
  }
  return { addresses: [...addresses.values()], hostnameGenerators: outcomes };
}

function conditionOf(result: TemplateResult<string>, owner: string | undefined): Condition {
  if ("problem" in result) return { type: "Generated", status: "False", reason: "TemplateError", message: result.problem };
  if (owner === undefined) return { type: "Generated", status: "True", reason: "Generated", message: "" };
  const message = `${result.ok} belongs to ${owner}, which is older`;
  return { type: "Generated", status: "False", reason: "Collision", message };
}
