import fc from "fast-check";
import { expect, it } from "vitest";
import { joinFamilies, type MetricFamily, parsePrometheusText, renderPrometheusText } from "./prometheus-text.ts";

const text = `# HELP http_requests Requests, "all" of them.
# TYPE http_requests counter
http_requests{code="200",path="/a b"} 3
http_requests{code="500"} 1 1700000000000
# TYPE took histogram
took_bucket{le="0.5"} 1
took_bucket{le="+Inf"} 2
took_sum 0.7
took_count 2
alone 4
`;

it("reads families with what belongs to them, and writes them as they were", () => {
  const families = parsePrometheusText(text);
  expect(families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
    ["http_requests", "counter", 2],
    ["took", "histogram", 4],
    ["alone", "untyped", 1],
  ]);
  expect(renderPrometheusText(families)).toBe(text.replace("alone 4", "# TYPE alone untyped\nalone 4"));
});

it("leaves out what is no metric, and the end of OpenMetrics", () => {
  expect(parsePrometheusText('<html>\n# EOF\n# TYPE none gauge\nup{a="b",} 1\n\n')).toEqual([
    { name: "up", type: "untyped", samples: [{ name: "up", labels: 'a="b"', value: "1" }] },
  ]);
});

const name = fc.constantFrom("a", "b_total", "c:d", "e_bucket");
const sample = fc.record({
  labels: fc.constantFrom("", 'x="1"', 'x="}",y="a\\"b"', 'x=" # {"'),
  value: fc.constantFrom("1", "0.5", "NaN", "+Inf", "3 1700000000000"),
});
const family: fc.Arbitrary<MetricFamily> = fc
  .record({
    name,
    type: fc.constantFrom("counter", "gauge", "untyped"),
    help: fc.option(fc.constantFrom("", "What it is."), { nil: undefined }),
    samples: fc.array(sample, { minLength: 1, maxLength: 3 }),
  })
  .map(({ name: of, type, help, samples }) => ({
    ...{ name: of, type, ...(help !== undefined && { help }) },
    samples: samples.map((each) => ({ name: of, ...each })),
  }));
const source = fc.uniqueArray(family, { selector: (each) => each.name, maxLength: 4 });

it("what is written is read again as it was, and sources that are joined have each name once", () => {
  fc.assert(
    fc.property(source, source, (a, b) => {
      expect(parsePrometheusText(renderPrometheusText(a))).toEqual(a);
      const joined = joinFamilies(a, b);
      expect(new Set(joined.map((each) => each.name)).size).toBe(joined.length);
      expect(joined.flatMap(({ samples }) => samples)).toHaveLength([...a, ...b].flatMap(({ samples }) => samples).length);
    }),
  );
});
