import type { Tags } from "@meridian/model";

/** Labels of metrics for the tags of a proxy: `kuma_io_service` with the first value, `kuma_io_services` with all of them: `,a,b,`. */
export function tagLabels(tagSets: readonly Tags[]): Readonly<Record<string, string>> {
  const values = new Map<string, Set<string>>();
  for (const [tag, value] of tagSets.flatMap((tags) => Object.entries(tags))) {
    values.set(tag, (values.get(tag) ?? new Set()).add(value));
  }
  const entries = [...values].flatMap(([tag, all]) => {
    const label = tag.replaceAll(/\W/g, "_");
    const [first = ""] = all;
    return [
      [label, first],
      [`${label}s`, `,${[...all].sort().join(",")},`],
    ] as const;
  });
  return Object.fromEntries(entries);
}
