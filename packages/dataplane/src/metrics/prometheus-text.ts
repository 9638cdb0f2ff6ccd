/** Metrics of one name, as Prometheus' text format groups them. */
export interface MetricFamily {
  readonly name: string;
  /** `counter`, `gauge`, `histogram`, `summary`; `untyped` when nothing says. */
  readonly type: string;
  readonly help?: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** The family's, with a suffix such as `_bucket`. */
  readonly name: string;
  /** What stands between the braces, as it was written; "" for none. */
  readonly labels: string;
  /** Value, and a time where there is one. */
  readonly value: string;
}

interface OpenFamily {
  name: string;
  type: string;
  help?: string;
  samples: Sample[];
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s+(\S.*)$/;
const partsOfFamily = /^_(?:bucket|sum|count|total|created)$/;

/**
 * Reads Prometheus' text format, and what OpenMetrics has in common with it; lines that are neither are left out
 * (https://prometheus.io/docs/instrumenting/exposition_formats).
 */
export function parsePrometheusText(text: string): readonly MetricFamily[] {
  const families: OpenFamily[] = [];
  let open: OpenFamily | undefined;
  const begin = (name: string): OpenFamily => {
    if (open?.name === name) return open;
    open = { name, type: "untyped", samples: [] };
    families.push(open);
    return open;
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) {
      const [, keyword, name = "", rest = ""] = /^#\s*(TYPE|HELP)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
      if (keyword === "TYPE") begin(name).type = rest.trim();
      else if (keyword === "HELP") begin(name).help = rest;
      continue;
    }
    const [, name, labels = "", value] = samplePattern.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const family = open && belongs(name, open) ? open : begin(name);
    family.samples.push({ name, labels: labels.replace(/,\s*$/, ""), value: value.trimEnd() });
  }
  return families.filter(({ samples }) => samples.length > 0);
}

function belongs(sample: string, { name }: OpenFamily): boolean {
  return sample === name || (sample.startsWith(name) && partsOfFamily.test(sample.slice(name.length)));
}

export function renderPrometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    if (help !== undefined) lines.push(`# HELP ${name} ${help}`);
    lines.push(`# TYPE ${name} ${type}`);
    for (const { name: sample, labels, value } of samples) lines.push(`${sample}${labels && `{${labels}}`} ${value}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The families of all sources, each name once: the format allows no more. What a later source calls otherwise keeps the first type. */
export function joinFamilies(...sources: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const joined = new Map<string, MetricFamily>();
  for (const family of sources.flat()) {
    const before = joined.get(family.name);
    joined.set(family.name, before ? { ...before, samples: [...before.samples, ...family.samples] } : family);
  }
  return [...joined.values()];
}
