import { keyText, labelNames, type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import { type ClientTrait, clientTraits, refTags } from "@meridian/policies";

/**
 * Which traits of client proxies the outbound policies of one mesh look at. Proxies that differ only in what no policy mentions
 * need the same outbounds, whatever else their tags say. Permissions are kept apart: they matter to the clients' side only where the
 * server cannot check them.
 */
export class MentionIndex {
  readonly #mentionsOf: (policy: Resource) => ReadonlySet<string>;
  readonly #ofPolicy = new Map<string, ReadonlySet<string>>();
  readonly #counts = new Map<string, number>();

  /** @param mentions what a policy mentions. */
  constructor(mentions: (policy: Resource) => ReadonlySet<string> = mentionsOf) {
    this.#mentionsOf = mentions;
  }

  has(mention: string): boolean {
    return this.#counts.has(mention);
  }

  /** Returns the mentions that came or went. */
  put(policy: Resource): readonly string[] {
    const key = keyText(policy);
    const before = this.#ofPolicy.get(key) ?? new Set();
    const after = this.#mentionsOf(policy);
    this.#ofPolicy.set(key, after);
    return [
      ...[...after].filter((mention) => !before.has(mention) && this.#count(mention, 1)),
      ...[...before].filter((mention) => !after.has(mention) && this.#count(mention, -1)),
    ];
  }

  delete(key: string): readonly string[] {
    const before = this.#ofPolicy.get(key) ?? new Set();
    this.#ofPolicy.delete(key);
    return [...before].filter((mention) => this.#count(mention, -1));
  }

  /** True when the mention is the first or was the last. */
  #count(mention: string, step: 1 | -1): boolean {
    const count = (this.#counts.get(mention) ?? 0) + step;
    if (count === 0) this.#counts.delete(mention);
    else this.#counts.set(mention, count);
    return count === 0 || (count === 1 && step === 1);
  }
}

export const mentionText = {
  /** Some policy names single proxies. */
  names: "name",
  label: (label: string) => `label ${label}`,
  /** Some policy asks whether the tag is there. */
  tag: (tag: string) => `tag ${tag}`,
  /** Some policy reads the value, whatever it is. */
  anyValue: (tag: string) => `tag ${tag}=`,
  /** Some policy reads all tags. */
  allTags: "tags",
  /** Some policy reads what the proxy says of itself. */
  self: "self",
  /** Some policy asks for just this value. */
  tagValue: (tag: string, value: string) => `tag ${tag}=${value}`,
  /** Some permission mentions it. */
  byPermission: (mention: string) => `permission ${mention}`,
} as const;

/** The parts of policies that select clients, in both generations. */
interface ClientSelection {
  readonly sources?: readonly { readonly match?: Tags }[];
  /** Of a ProxyTemplate. */
  readonly selectors?: readonly { readonly match?: Tags }[];
  readonly targetRef?: {
    readonly kind?: string;
    readonly name?: string;
    readonly labels?: Tags;
    readonly tags?: Tags;
  };
}

function mentionsOf(policy: Resource): ReadonlySet<string> {
  const { sources = [], selectors = [], ...spec } = policy.spec as ClientSelection;
  // What selects gateways is about no other client.
  const targetRef = spec.targetRef?.kind === "MeshGateway" ? {} : (spec.targetRef ?? {});
  const mentions = new Set<string>();
  for (const { match = {} } of [...sources, ...selectors]) mentionTags(match, mentions);
  mentionTags(targetRef.tags ?? {}, mentions);
  for (const label of Object.keys(targetRef.labels ?? {})) mentions.add(mentionText.label(label));
  if (targetRef.name && targetRef.kind === "Dataplane") {
    // A Dataplane is named by what its user called it: the label keeps that where the name has changed on its way.
    mentions.add(mentionText.names).add(mentionText.label(labelNames.displayName));
  } else if (targetRef.name) mentionTags({ [tagNames.service]: targetRef.name }, mentions);
  for (const trait of clientTraits(policy)) mentionTrait(trait, mentions);
  return mentions;
}

/** What permissions say of clients, as `mentionText.byPermission`. A SPIFFE id is about the service, whichever it is. */
export function permissionMentions({ spec }: Resource): ReadonlySet<string> {
  const { sources = [], from = [], rules = [] } = spec as PermissionSelection;
  const mentions = new Set<string>();
  for (const { match = {} } of sources) mentionTags(match, mentions);
  for (const { targetRef } of from) mentionTags(refTags(targetRef) ?? {}, mentions);
  if (rules.length > 0) mentionTrait({ tag: tagNames.service }, mentions);
  return new Set([...mentions].map(mentionText.byPermission));
}

interface PermissionSelection extends Pick<ClientSelection, "sources"> {
  readonly from?: readonly { readonly targetRef: TargetRef }[];
  readonly rules?: readonly unknown[];
}

function mentionTrait(trait: ClientTrait, mentions: Set<string>): void {
  if (trait === "tags") mentions.add(mentionText.allTags);
  else if (trait === "self") mentions.add(mentionText.self);
  else if ("label" in trait) mentions.add(mentionText.label(trait.label));
  else mentions.add(mentionText.tag(trait.tag)).add(mentionText.anyValue(trait.tag));
}

function mentionTags(tags: Tags, mentions: Set<string>): void {
  for (const [tag, value] of Object.entries(tags)) {
    mentions.add(mentionText.tag(tag));
    if (value !== "*") mentions.add(mentionText.tagValue(tag, value));
  }
}
