import {
  createKindRegistry,
  parseDocuments,
  type Resource,
  renderResource,
  toResourceInput,
  type Violation,
} from "@meridian/model";
import type { InboundSubject, OutboundSubject, ProxySubject } from "../core/types.ts";
import { policyKinds } from "../policies.ts";

// For tests only: policies as users write them, through the same parsing and validation as in production.

const registry = createKindRegistry(policyKinds);

/** Policies of the documents in `yaml`, created a minute apart in the order given. @throws Error naming every violation. */
export function policiesFrom(yaml: string): readonly Resource[] {
  return documentsIn(yaml).map((document, index) => {
    const result = toResourceInput(document, registry);
    if ("violations" in result) throw new Error(JSON.stringify(result.violations));
    const time = new Date(Date.UTC(2024, 0, 1, 10, index)).toISOString();
    return { ...result.ok, version: index + 1, creationTime: time, modificationTime: time };
  });
}

/** The policy as who reads it from the API and applies it again would write it. */
export function readBack(policy: Resource): Resource | undefined {
  return policiesFrom(JSON.stringify(renderResource(policy, registry)))[0];
}

/** A document of a source/destination kind whose lists are right, so that `conf` (flow YAML) is what counts. */
export function withConf(kind: string, conf: string, lists: string = anyToAny): string {
  return `{type: ${kind}, mesh: default, name: p, ${lists}, conf: ${conf}}`;
}

const anyToAny = 'sources: [{match: {kuma.io/service: "*"}}], destinations: [{match: {kuma.io/service: "*"}}]';

/** `path: message` of every violation of the one document in `yaml`. */
export function violationsOf(yaml: string): readonly string[] {
  const result = toResourceInput(documentsIn(yaml)[0], registry);
  return "violations" in result ? result.violations.map(({ path, message }: Violation) => `${path}: ${message}`) : [];
}

export function warningsOf(yaml: string): readonly string[] {
  return toResourceInput(documentsIn(yaml)[0], registry).warnings;
}

export function documentsIn(yaml: string): readonly unknown[] {
  const { documents, problems } = parseDocuments(yaml, { source: "test" });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return documents.map(({ value }) => value);
}

export function proxy(overrides: Partial<ProxySubject> = {}): ProxySubject {
  const tagSets = [{ "kuma.io/service": "web", "kuma.io/zone": "east" }];
  return { mesh: "default", name: "web-1", zone: "east", labels: {}, tagSets, ...overrides };
}

export function outbound(service: string, overrides: Partial<OutboundSubject> = {}): OutboundSubject {
  return { service, tags: { "kuma.io/service": service }, protocol: "http", ...overrides };
}

export function inbound(service: string, tags: Readonly<Record<string, string>> = {}): InboundSubject {
  return { section: "8080", port: 8080, protocol: "http", tags: { "kuma.io/service": service, ...tags } };
}
