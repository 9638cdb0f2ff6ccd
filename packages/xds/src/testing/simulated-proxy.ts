import { type DeltaRequest, type EncodedResource, type StateOfTheWorldRequest, type TypeUrl, typeUrls } from "@meridian/envoy";
import type { Response } from "../state.ts";
import type { StreamEvent } from "../step.ts";
import { type Content, contentOf } from "./configs.ts";

interface Held {
  readonly version: string;
  readonly content: Content;
  readonly isUpdate: boolean;
}

/**
 * What an Envoy does with discovery, in small: it asks for the endpoints and secrets of its clusters and the routes of its
 * listeners, refuses what is bad, applies the rest, and notes every moment in which traffic would fail.
 */
export class SimulatedProxy {
  readonly mode: "delta" | "sotw";
  readonly held = new Map<TypeUrl, Map<string, Held>>(Object.values(typeUrls).map((typeUrl) => [typeUrl, new Map()]));
  /** Traffic that would have been answered with 503. */
  readonly failures: string[] = [];
  /** Requests on their way to the control plane, in order. */
  readonly outbox: StreamEvent[] = [];
  readonly #names = new Map<TypeUrl, Set<string>>();
  readonly #nonces = new Map<TypeUrl, string>();

  constructor(mode: "delta" | "sotw") {
    this.mode = mode;
  }

  /** Opens a stream, a first one or one more with what is held. */
  connect(): void {
    this.outbox.length = 0;
    this.#nonces.clear();
    for (const typeUrl of [typeUrls.cluster, typeUrls.listener]) this.#send(typeUrl, { initial: true });
    for (const [typeUrl, names] of this.#names) this.#send(typeUrl, { initial: true, subscribe: [...names] });
  }

  receive(response: Response): void {
    const { typeUrl } = response;
    const isWhole = this.mode === "sotw" && (typeUrl === typeUrls.cluster || typeUrl === typeUrls.listener);
    this.#nonces.set(typeUrl, response.nonce);
    const resources = response.resources as readonly EncodedResource[];
    const bad = resources.filter((resource) => contentOf(resource).bad);
    for (const resource of resources) if (!bad.includes(resource)) this.#apply(typeUrl, resource);
    const present = new Set(resources.map(({ name }) => name));
    const removed = isWhole ? [...this.#of(typeUrl).keys()].filter((name) => !present.has(name)) : response.removed;
    for (const name of removed) this.#remove(typeUrl, name);
    const error = bad.length > 0 ? `Error adding/updating ${bad.map(({ name }) => `${name}: bad`).join(", ")}` : undefined;
    this.#send(typeUrl, { nonce: response.nonce, ...(error !== undefined && { error }) });
    this.#follow();
  }

  names(typeUrl: TypeUrl): ReadonlySet<string> {
    return this.#names.get(typeUrl) ?? new Set();
  }

  #apply(typeUrl: TypeUrl, resource: EncodedResource): void {
    const isNamed = typeUrl !== typeUrls.cluster && typeUrl !== typeUrls.listener;
    if (isNamed && !this.names(typeUrl).has(resource.name)) return;
    const content = contentOf(resource);
    const before = this.#of(typeUrl).get(resource.name);
    // State of the world has no versions on the wire; here the content is the version.
    const version = JSON.stringify(content);
    if (before?.version === version) return;
    const servesTraffic = before !== undefined || (typeUrl === typeUrls.route && this.#replacesWorkingRoute(resource.name));
    this.#of(typeUrl).set(resource.name, { version, content, isUpdate: before !== undefined });
    for (const cluster of servesTraffic ? (content.clusters ?? []) : []) {
      if (!this.#of(typeUrls.cluster).has(cluster)) this.failures.push(`${resource.name} names missing cluster ${cluster}`);
      else if (!this.#of(typeUrls.endpoint).has(cluster)) this.failures.push(`${resource.name} names cold cluster ${cluster}`);
    }
  }

  /** A new route of a listener that served traffic before it named this route. */
  #replacesWorkingRoute(route: string): boolean {
    const users = [...this.#of(typeUrls.listener).values()].filter(({ content }) => content.routes?.includes(route));
    return users.some(({ isUpdate }) => isUpdate);
  }

  #remove(typeUrl: TypeUrl, name: string): void {
    if (typeUrl === typeUrls.cluster) {
      for (const user of [typeUrls.listener, typeUrls.route]) {
        for (const [userName, { content }] of this.#of(user)) {
          if (content.clusters?.includes(name)) this.failures.push(`cluster ${name} removed under ${userName}`);
        }
      }
    }
    this.#of(typeUrl).delete(name);
  }

  #follow(): void {
    const clusters = this.#of(typeUrls.cluster);
    const listeners = this.#of(typeUrls.listener);
    this.#subscribeTo(typeUrls.endpoint, [...clusters.keys()]);
    this.#subscribeTo(
      typeUrls.secret,
      [...clusters.values()].flatMap(({ content }) => content.secrets ?? []),
    );
    this.#subscribeTo(
      typeUrls.route,
      [...listeners.values()].flatMap(({ content }) => content.routes ?? []),
    );
  }

  #subscribeTo(typeUrl: TypeUrl, wanted: readonly string[]): void {
    const names = this.#names.get(typeUrl) ?? new Set();
    const next = new Set(wanted);
    const subscribe = [...next].filter((name) => !names.has(name));
    const unsubscribe = [...names].filter((name) => !next.has(name));
    if (subscribe.length + unsubscribe.length === 0) return;
    this.#names.set(typeUrl, next);
    for (const name of unsubscribe) this.#of(typeUrl).delete(name);
    this.#send(typeUrl, { subscribe, unsubscribe });
  }

  #of(typeUrl: TypeUrl): Map<string, Held> {
    const held = this.held.get(typeUrl);
    if (!held) throw new Error(`unknown type ${typeUrl}`);
    return held;
  }

  #send(typeUrl: TypeUrl, what: Sending): void {
    const common = {
      node: undefined,
      typeUrl,
      errorDetail: what.error === undefined ? undefined : { code: 13, message: what.error },
    };
    if (this.mode === "sotw") {
      const responseNonce = what.nonce ?? this.#nonces.get(typeUrl) ?? "";
      const resourceNames = [...(this.#names.get(typeUrl) ?? [])];
      const request: StateOfTheWorldRequest = { ...common, versionInfo: "", resourceNames, responseNonce };
      this.outbox.push({ kind: "sotw", request });
      return;
    }
    const versions = what.initial ? [...this.#of(typeUrl)].map(([name, { version }]) => [name, version] as const) : [];
    const request: DeltaRequest = {
      ...common,
      responseNonce: what.nonce ?? "",
      resourceNamesSubscribe: what.subscribe ?? [],
      resourceNamesUnsubscribe: what.unsubscribe ?? [],
      initialResourceVersions: new Map(versions),
    };
    this.outbox.push({ kind: "delta", request });
  }
}

interface Sending {
  readonly nonce?: string;
  readonly error?: string;
  readonly initial?: boolean;
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
}
