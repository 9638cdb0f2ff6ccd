import { expect, it } from "vitest";
import { policiesFrom, violationsOf, withConf } from "../testing/policies.ts";

it("takes any backend, or none", () => {
  const [named] = policiesFrom(withConf("TrafficLog", "{backend: nowhere}"));
  expect(named?.spec).toMatchObject({ conf: { backend: "nowhere" } });
  expect(violationsOf(withConf("TrafficLog", "{}"))).toEqual([]);
  expect(violationsOf(withConf("TrafficLog", "null"))).toEqual([]);
});

it("is refused with every mistake of its lists named", () => {
  const yaml = "{type: TrafficLog, mesh: default, name: l, sources: [{match: {a: b}}], destinations: [{match: {a: b}}]}";
  expect(violationsOf(yaml)).toEqual([
    'sources[0].match: mandatory tag "kuma.io/service" is missing',
    'destinations[0].match["a"]: tag "a" is not allowed',
    'destinations[0].match: mandatory tag "kuma.io/service" is missing',
  ]);
});
