import { errorMessage } from "@meridian/base";
import { type KindRegistry, type ResourceInput, toResourceInput, type Violation } from "@meridian/model";
import type { ProxyKind } from "../proxies/proxy-description.ts";

export type ReadResource = { readonly resource: ResourceInput } | { readonly violations: readonly Violation[] };

export interface ExpectedProxy {
  readonly kind: ProxyKind;
  readonly mesh: string;
  readonly name: string;
}

/** A proxy sends its resource twice within a moment: with its bootstrap request, then in its first discovery request. */
const keptResources = 512;

/** Reads the resources that proxies bring, as JSON text. What was read a moment ago is not parsed and checked again. */
export class ResourceReader {
  readonly #kinds: KindRegistry;
  /** By the whole text, so that a changed resource is never taken for an old one; the oldest goes first. */
  readonly #recent = new Map<string, ReadResource>();

  constructor(kinds: KindRegistry) {
    this.#kinds = kinds;
  }

  /** The resource, or everything that is wrong with it. Its kind, mesh and name must be the proxy's. */
  read(json: string, expected: ExpectedProxy): ReadResource {
    const key = `${expected.kind}/${expected.mesh}/${expected.name}/${json}`;
    const known = this.#recent.get(key);
    if (known) {
      this.#recent.delete(key);
      return known;
    }
    const result = this.#parse(json, expected);
    this.#recent.set(key, result);
    if (this.#recent.size > keptResources) this.#recent.delete(this.#recent.keys().next().value ?? "");
    return result;
  }

  #parse(json: string, expected: ExpectedProxy): ReadResource {
    let document: unknown;
    try {
      document = JSON.parse(json);
    } catch (error) {
      return { violations: [{ path: "", message: `the resource is not JSON: ${errorMessage(error)}` }] };
    }
    const { kind, mesh, name } = expected;
    const parsed = toResourceInput(document, this.#kinds, { kind, mesh, name });
    return "ok" in parsed ? { resource: parsed.ok } : { violations: parsed.violations };
  }
}

export function violationText(violations: readonly Violation[]): string {
  return violations.map((violation) => `${violation.path || "resource"}: ${violation.message}`).join("; ");
}
