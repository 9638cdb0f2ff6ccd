import { compareText, parseKeyText, type Resource } from "@meridian/model";
import type { Setting } from "../types.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { envoyDefaults, otherTopic, topicOf, topicOrder } from "./catalogue.ts";
import { settingName } from "./names.ts";
import type { Stretch, Waypoints } from "./waypoints.ts";

export interface AttributeOptions {
  readonly world: ZoneWorld;
  /** The proxy, with no more than the stretch needs. */
  readonly as: Resource;
  readonly stretch: (view: ProxyView) => Stretch;
}

/**
 * The values in force on a stretch, each with the policies that make it what it is: those without which it would be another. The
 * generator of production says so, which is asked again without each policy; so new kinds of policies are told without code here.
 */
export function settingsOf(actual: Stretch, options: AttributeOptions): readonly Setting[] {
  const policies = [...new Set(actual.policies)].filter((key) => options.world.get(parseKeyText(key)));
  const decide = decidersOf(actual.waypoints, policies, options);
  const settings: Setting[] = [];
  for (const [where, leaves] of actual.waypoints) {
    for (const [path, text] of leaves) {
      const about = topicOf(path);
      const deciders = decide(where, path);
      if (isSwitch(path, text) || (about === otherTopic && deciders.length === 0)) continue;
      const value = about === "timeouts" && text === "0s" ? "none" : text;
      settings.push({
        about,
        where,
        name: settingName(path),
        value,
        origin: deciders.length > 0 ? "policy" : "default",
        policies: options.world.ownNames(deciders),
      });
    }
  }
  return [...settings, ...defaultsOf(actual.waypoints)].sort(bySubject);
}

/** Says no more than something else does: that a way to find ill endpoints or a limit is on, that a balancer needs no settings. */
function isSwitch(path: string, text: string): boolean {
  if (text === "{}" && /LbConfig$/.test(path)) return true;
  if (/outlierDetection\/enforcing\w+$/.test(path)) return text === "0" || text === "100";
  return /\/filterEn(abled|forced)$/.test(path) && text === "100 %";
}

function bySubject(a: Setting, b: Setting): number {
  return topicOrder.indexOf(a.about) - topicOrder.indexOf(b.about);
}

/** What Envoy does of itself. */
function defaultsOf(waypoints: Waypoints): readonly Setting[] {
  return envoyDefaults.flatMap(({ where, about, field, name, value }): readonly Setting[] => {
    const leaves = waypoints.get(where);
    if (!leaves || [...leaves.keys()].some((path) => topicOf(path) === about && path.endsWith(field))) return [];
    return [{ about, where, name, value, origin: "envoy", policies: [] }];
  });
}

type Decide = (where: string, path: string) => readonly string[];

/** Who makes a value what it is: each policy alone, else all of a kind together, where several say the same. */
function decidersOf(actual: Waypoints, policies: readonly string[], { world, as, stretch }: AttributeOptions): Decide {
  const without = (keys: readonly string[]): Waypoints => stretch(world.configWithout(keys, as)).waypoints;
  const alone = policies.map((policy) => ({ policies: [policy], waypoints: without([policy]) }));
  const byKind = [...groupedByKind(policies)]
    .filter((keys) => keys.length > 1)
    .map((keys) => ({ policies: keys, waypoints: without(keys) }));
  return (where, path) => {
    const differs = ({ waypoints }: { readonly waypoints: Waypoints }): boolean => {
      const other = waypoints.get(where);
      // Where the whole part is gone, a route leads elsewhere: nothing can be said of its fields.
      return other !== undefined && other.get(path) !== actual.get(where)?.get(path);
    };
    const deciders = alone.filter(differs);
    const found = deciders.length > 0 ? deciders : byKind.filter(differs);
    return [...new Set(found.flatMap((each) => each.policies))].sort(compareText);
  };
}

function groupedByKind(policies: readonly string[]): Iterable<readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const policy of policies) {
    const { kind } = parseKeyText(policy);
    groups.set(kind, [...(groups.get(kind) ?? []), policy]);
  }
  return groups.values();
}
