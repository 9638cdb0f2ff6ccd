import { type Tags, tagNames } from "../labels.ts";
import { at, type Violation } from "../violation.ts";

const tagNamePattern = /^[a-zA-Z0-9.\-_:/]+$/;
const tagValuePattern = /^[a-zA-Z0-9.\-_:]+$/;
const selectorValuePattern = /^(?:[a-zA-Z0-9.\-_:/]+|\*)$/;

/** Values of `kuma.io/protocol` and of every other place that names a protocol of a service. */
export const protocols = ["grpc", "http", "http2", "kafka", "tcp"] as const;

export interface TagRules {
  /** Default true. */
  readonly requireTag?: boolean;
  /** The tag `kuma.io/service` must be there. Default false. */
  readonly requireService?: boolean;
  /** Nothing but `kuma.io/service` may be there. Default false. */
  readonly onlyService?: boolean;
  /** `kuma.io/protocol`, if there, must be a known one. Default false. */
  readonly checkProtocol?: boolean;
}

/** Tags that describe something (an inbound, an external service): no `*`, no slash in a value. */
export function validateTags(path: string, tags: Tags | undefined, rules: TagRules = {}): readonly Violation[] {
  return validateTagSet(path, tags ?? {}, rules, {
    pattern: tagValuePattern,
    message: "tag value must consist of alphanumeric characters, dots, dashes and underscores",
  });
}

/** Tags that select something: `*` is "any value" (reference: resources-legacy.md 0.1). */
export function validateMatch(path: string, tags: Tags | undefined, rules: TagRules = {}): readonly Violation[] {
  return validateTagSet(path, tags ?? {}, rules, {
    pattern: selectorValuePattern,
    message: 'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
  });
}

export interface SelectorRules extends TagRules {
  /** The list must not be empty. Default true. */
  readonly requireSelector?: boolean;
}

/**
 * Checks a `sources`, `destinations` or `selectors` list (reference: resources-legacy.md 0.1). Every mistake is reported; keys are
 * visited sorted, so that the answer to one document is always the same.
 */
export function validateSelectors(
  path: string,
  selectors: readonly { readonly match?: Tags | undefined }[] | undefined,
  rules: SelectorRules = {},
): readonly Violation[] {
  const list = selectors ?? [];
  if (list.length === 0) return rules.requireSelector === false ? [] : [{ path, message: "must have at least one element" }];
  return list.flatMap((selector, index) => validateMatch(`${at(path, index)}.match`, selector.match, rules));
}

/** Whether somebody gave tags. The zone's control plane writes `kuma.io/zone` by itself, and what was read can be written again. */
export function hasWrittenTags(tags: Tags | undefined): boolean {
  return Object.keys(tags ?? {}).some((key) => key !== tagNames.zone);
}

/** The text for a wrong protocol, at whatever place it was named. */
export function validateProtocolTag(path: string, protocol: string): readonly Violation[] {
  if ((protocols as readonly string[]).includes(protocol)) return [];
  const message = `tag "${tagNames.protocol}" has an invalid value "${protocol}". Allowed values: ${protocols.join(", ")}`;
  return [{ path, message }];
}

interface ValueRule {
  readonly pattern: RegExp;
  readonly message: string;
}

function validateTagSet(path: string, tags: Tags, rules: TagRules, valueRule: ValueRule): readonly Violation[] {
  const keys = Object.keys(tags).sort();
  const violations: Violation[] = [];
  if (keys.length === 0 && rules.requireTag !== false) violations.push({ path, message: "must have at least one tag" });
  for (const key of keys) violations.push(...validateTag(at(path, key), key, tags[key] ?? "", rules, valueRule));
  if (rules.onlyService && keys.length > 1) {
    violations.push({ path, message: `must consist of exactly one tag "${tagNames.service}"` });
  }
  if (rules.requireService && !(tagNames.service in tags)) {
    violations.push({ path, message: `mandatory tag "${tagNames.service}" is missing` });
  }
  return violations;
}

function validateTag(path: string, key: string, value: string, rules: TagRules, valueRule: ValueRule): readonly Violation[] {
  const violations: Violation[] = [];
  if (key === "") violations.push({ path, message: "tag name must be non-empty" });
  else if (!tagNamePattern.test(key)) {
    const message = "tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores";
    violations.push({ path, message });
  }
  if (value === "") violations.push({ path, message: "tag value must be non-empty" });
  else if (!valueRule.pattern.test(value)) violations.push({ path, message: valueRule.message });
  else if (rules.checkProtocol && key === tagNames.protocol) violations.push(...validateProtocolTag(path, value));
  if (rules.onlyService && key !== tagNames.service) violations.push({ path, message: `tag "${key}" is not allowed` });
  return violations;
}
