import {
  coreKinds,
  createKindRegistry,
  type DataplaneSpec,
  type MeshSpec,
  parseDocuments,
  type Resource,
  toResourceInput,
} from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { type MeshInventory, meshInventory } from "../inventory.ts";

// For tests only: resources as users write them, through the same parsing and validation as in production.

const registry = createKindRegistry([...coreKinds, ...policyKinds]);

/** The mesh `default` with the documents of `yaml`, created a minute apart. @throws Error naming every violation. */
export function meshFrom(yaml: string, mesh: Partial<MeshSpec> = {}): MeshInventory {
  const { documents, problems } = parseDocuments(yaml, { source: "test" });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const resources = documents.map(({ value }, index): Resource => {
    const result = toResourceInput(value, registry);
    if ("violations" in result) throw new Error(JSON.stringify(result.violations));
    const time = new Date(Date.UTC(2024, 0, 1, 10, index)).toISOString();
    const { status } = value as { readonly status?: unknown };
    return {
      ...result.ok,
      ...(status !== undefined && { status }),
      version: index + 1,
      creationTime: time,
      modificationTime: time,
    };
  });
  const time = "2024-01-01T00:00:00Z";
  const own: Resource<MeshSpec> = {
    kind: "Mesh",
    mesh: "",
    name: "default",
    labels: {},
    spec: mesh,
    version: 1,
    creationTime: time,
    modificationTime: time,
  };
  return meshInventory(own, resources);
}

/** @throws Error when there is no such data plane */
export function dataplaneOf(inventory: MeshInventory, name: string): Resource<DataplaneSpec> {
  const found = inventory.list<DataplaneSpec>("Dataplane").find((dataplane) => dataplane.name === name);
  if (!found) throw new Error(`no Dataplane ${name}`);
  return found;
}

/** Of answers with metas of policies, only their names: what a test compares. */
export function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  if ("labels" in value && "name" in value && "type" in value) return value.name;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, named(field)]));
}
