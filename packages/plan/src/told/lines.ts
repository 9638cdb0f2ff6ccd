import { compareText } from "@meridian/model";
import type { SummaryLine } from "../types.ts";
import { clientMark, possessive } from "./words.ts";

/** Of whom something is said. */
export interface Told {
  readonly about: SummaryLine["about"];
  readonly mesh: string;
  /** May hold `clientMark`. */
  readonly text: string;
  readonly services: readonly string[];
  readonly zone: string;
  /** Ids of proxies, unique in the zone. */
  readonly proxies: readonly string[];
  readonly policies: readonly string[];
}

interface Draft {
  readonly first: Told;
  readonly services: Set<string>;
  readonly zones: Set<string>;
  readonly proxies: Set<string>;
  readonly policies: Set<string>;
}

/** Collects what is to be said; the same said of several becomes one line. */
export class Lines {
  readonly #drafts = new Map<string, Draft>();

  add(told: Told): void {
    const key = `${told.about}\n${told.mesh}\n${told.text}`;
    const draft = this.#drafts.get(key) ?? newDraft(told);
    this.#drafts.set(key, draft);
    for (const service of told.services) draft.services.add(service);
    draft.zones.add(told.zone);
    for (const id of told.proxies) draft.proxies.add(`${told.zone}/${id}`);
    for (const policy of told.policies) draft.policies.add(policy);
  }

  /** What users ask first comes first: where traffic goes, who may, then the rest; most proxies first. */
  list(): readonly SummaryLine[] {
    return [...this.#drafts.values()]
      .map(lineOf)
      .sort((a, b) => order.indexOf(a.about) - order.indexOf(b.about) || b.proxies - a.proxies);
  }
}

const order: readonly SummaryLine["about"][] = ["mesh", "routes", "permissions", "identity", "config"];

function newDraft(first: Told): Draft {
  return { first, services: new Set(), zones: new Set(), proxies: new Set(), policies: new Set() };
}

function lineOf({ first, ...sets }: Draft): SummaryLine {
  const services = [...sets.services].sort(compareText);
  return {
    about: first.about,
    mesh: first.mesh,
    text: first.text.replaceAll(clientMark, possessive(services)),
    services,
    zones: [...sets.zones].sort(compareText),
    proxies: sets.proxies.size,
    policies: [...sets.policies].sort(compareText),
  };
}
