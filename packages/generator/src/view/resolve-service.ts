import { labelNames } from "@meridian/model";
import { isAtHome } from "@meridian/policies";
import { hasLabels, identityOf, isLocal, isServiceKind, type ReachableRef, selectableLabels } from "@meridian/services";
import type { MeshView } from "./mesh-view.ts";
import { nameTrait, type ServiceFacts, type ServicePortFacts, traitText } from "./service-facts.ts";
import type { ServiceRef } from "./service-ref.ts";

/** One port of a service. */
export interface ServicePortOf {
  readonly service: ServiceFacts;
  readonly port: ServicePortFacts;
}

/**
 * The port that a reference means; undefined: there is none. Of several services with the labels, or with the name, that of this zone
 * counts, else the first by name: which one it is must not depend on the order in which they came.
 */
export function resolveService(view: MeshView, mesh: string, ref: ServiceRef): ServicePortOf | undefined {
  const [service] = referredServices(view, mesh, ref);
  const port = service && portOf(service, ref);
  return service && port && { service, port };
}

/** Every service that the reference's name or labels fit, best first. */
export function referredServices(view: MeshView, mesh: string, ref: ServiceRef): readonly ServiceFacts[] {
  const whole = { ...ref, kind: ref.kind ?? "MeshService" };
  const fitting = candidates(view, mesh, whole).filter((service) => isMeant(whole, service));
  const exact = fitting.filter(({ name }) => name === ref.name);
  return exact.length > 0 ? exact : bestFirst(fitting);
}

/** A name is that of a MeshService of the own zone, or of the reference's home; or exactly what is stored under it. */
function isMeant({ name, namespace, labels, home }: ServiceRef, { kind, resource }: ServiceFacts): boolean {
  if (!name) return labels !== undefined && hasLabels(selectableLabels(resource), labels);
  const identity = identityOf(resource);
  if (namespace !== undefined && namespace !== identity.namespace) return false;
  if (name !== identity.name) return name === resource.name;
  if (!isAtHome(home, resource)) return false;
  return name === resource.name || kind !== "MeshService" || Boolean(home?.zone) || isLocal(resource);
}

/** Services that a reference may mean, among them all that it does; each once. */
export function candidates(view: MeshView, mesh: string, ref: ReachableRef): readonly ServiceFacts[] {
  const { kind = "", name, labels = {} } = ref;
  if (!isServiceKind(kind)) return [];
  const trait = leadingTrait(labels);
  const traits = name ? [nameTrait(name), traitText(labelNames.displayName, name)] : trait === undefined ? [] : [trait];
  return [...new Set(traits.flatMap((each) => view.servicesHaving(mesh, kind, each)))];
}

/** One of the labels that few services share: whoever has all labels has it. Undefined without labels. */
export function leadingTrait(labels: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(labels).sort();
  const leading = labels[labelNames.displayName] === undefined ? names[0] : labelNames.displayName;
  return leading === undefined ? undefined : traitText(leading, labels[leading] ?? "");
}

function bestFirst(services: readonly ServiceFacts[]): readonly ServiceFacts[] {
  return [...services].sort((a, b) => Number(isLocal(b.resource)) - Number(isLocal(a.resource)));
}

/** Without a port the reference means the only one. */
function portOf({ ports }: ServiceFacts, { port, sectionName }: ServiceRef): ServicePortFacts | undefined {
  if (port !== undefined) return ports.find((each) => each.port === port);
  if (sectionName)
    return ports.find((each) => each.section === sectionName) ?? ports.find((each) => String(each.port) === sectionName);
  return ports.length === 1 ? ports[0] : undefined;
}
