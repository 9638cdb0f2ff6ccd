import type { Violation } from "@meridian/model";
import { validateEnvoyYaml, validateWholeEnvoyYaml } from "../core/fragments/envoy-yaml.ts";
import type { Modification } from "./schema.ts";

type Target = keyof Modification;

/** One change, whatever it is about, with nothing said yet of what must be there. */
interface Change {
  readonly operation?: string | undefined;
  readonly match?: { readonly name?: string | undefined } | undefined;
  readonly value?: string | undefined;
}

/** In the order in which the peer looks for them: of several only the first counts. */
export const modificationTargets: readonly Target[] = ["cluster", "listener", "networkFilter", "httpFilter", "virtualHost"];

const messageTypes: Readonly<Record<Target, string>> = {
  cluster: "envoy.config.cluster.v3.Cluster",
  listener: "envoy.config.listener.v3.Listener",
  networkFilter: "envoy.config.listener.v3.Filter",
  httpFilter: "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
  virtualHost: "envoy.config.route.v3.VirtualHost",
};

/** Source of rules and words: resources-legacy.md section 11. An empty modification is taken: it changes nothing. */
export function validateModification(
  path: string,
  modification: Readonly<Partial<Record<Target, Change | undefined>>>,
): readonly Violation[] {
  return modificationTargets.flatMap((target) => {
    const change = modification[target];
    if (!change) return [];
    const isFilter = target === "networkFilter" || target === "httpFilter";
    return isFilter ? validateFilter(path, target, change) : validateResource(path, target, change);
  });
}

const resourceOperations = ["add", "patch", "remove"];
const filterOperations = ["addFirst", "addLast", "addBefore", "addAfter", "patch", "remove"];

function validateResource(parent: string, target: Target, change: Change): readonly Violation[] {
  const path = `${parent}.${target}`;
  const unknown = validateOperation(path, change, resourceOperations);
  if (unknown.length > 0) return unknown;
  const violations: Violation[] = [];
  if (change.operation === "add" && target === "virtualHost") {
    if (change.match?.name) violations.push({ path: `${path}.match.name`, message: "cannot be defined" });
  } else if (change.operation === "add" && change.match) {
    violations.push({ path: `${path}.match`, message: "cannot be defined" });
  }
  return [...violations, ...validateValue(path, target, change)];
}

const needsName: Readonly<Record<string, string>> = {
  addBefore: "cannot be empty. You need to pick a filter before which this one will be added",
  addAfter: "cannot be empty. You need to pick a filter after which this one will be added",
  patch: "cannot be empty",
};

function validateFilter(parent: string, target: Target, change: Change): readonly Violation[] {
  const path = `${parent}.${target}`;
  const unknown = validateOperation(path, change, filterOperations);
  if (unknown.length > 0) return unknown;
  const message = change.match?.name ? undefined : needsName[change.operation ?? ""];
  const nameMissing = message === undefined ? [] : [{ path: `${path}.match.name`, message }];
  return [...nameMissing, ...validateValue(path, target, change)];
}

function validateOperation(path: string, { operation = "" }: Change, known: readonly string[]): readonly Violation[] {
  if (known.includes(operation)) return [];
  const list = known.map((each) => `"${each}"`).join(", ");
  return [{ path: `${path}.operation`, message: `invalid operation. Available operations: ${list}` }];
}

/** What is added must be whole, what patches need not be; nothing is asked of what is removed. */
function validateValue(path: string, target: Target, { operation, value = "" }: Change): readonly Violation[] {
  if (operation === "remove") return [];
  const validate = operation === "patch" ? validateEnvoyYaml : validateWholeEnvoyYaml;
  return validate(`${path}.value`, value, messageTypes[target]);
}
