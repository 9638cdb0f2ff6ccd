import { expect, test } from "vitest";
import { envoyWords } from "./envoy-words.ts";

test("the resource, then Envoy's words about it", () => {
  expect(envoyWords("missing ): /(", ["outbound:api"])).toEqual(["  Envoy says of outbound:api: missing ): /("]);
  expect(envoyWords("no reason given", [])).toEqual(["  Envoy says: no reason given"]);
  const many = Array.from({ length: 7 }, (_, index) => `c${index}`);
  expect(envoyWords("bad", many)).toEqual(["  Envoy says of c0, c1, c2, c3, c4 and 2 more: bad"]);
});

test("a list is told one by one, without the sentence that introduces it; what is alike once", () => {
  const listeners =
    "Error adding/updating listener(s) inbound:10.0.0.1:80: cannot bind: in use\ninbound:10.0.0.1:8080: no filter\n";
  expect(envoyWords(listeners, ["inbound:10.0.0.1:80", "inbound:10.0.0.1:8080"])).toEqual([
    "  Envoy says of inbound:10.0.0.1:80: cannot bind: in use",
    "  Envoy says of inbound:10.0.0.1:8080: no filter",
  ]);
  const clusters = "Error adding/updating cluster(s) web: bad, web-2: bad; Error adding/updating cluster(s) api: worse";
  expect(envoyWords(clusters, ["web", "web-2", "api"])).toEqual([
    "  Envoy says of web, web-2: bad",
    "  Envoy says of api: worse",
  ]);
});

test("the dump of a resource is left out, whichever side of the reason it stands on, and causes get lines of their own", () => {
  const reason =
    "Proto constraint validation failed (ClusterValidationError.Ring: embedded message failed | caused by RingError.Min: too big)";
  const words = [
    "  Envoy says of web: Proto constraint validation failed (ClusterValidationError.Ring: embedded message failed",
    "    caused by RingError.Min: too big)",
  ];
  const dump = 'goo.gle/debugproto    \nname: "web"\ntype: EDS\nconnect_timeout {\n  seconds: 5\n}\n';
  expect(envoyWords(`${dump}: ${reason}`, ["web"])).toEqual(words);
  expect(envoyWords(`Error adding/updating cluster(s) web: ${dump}: ${reason}`, ["web"])).toEqual(words);
  expect(envoyWords(`${reason}: goo.gle/debugonly  name: "web" type: EDS`, ["web"])).toEqual(words);
});

test("words that do not end are cut", () => {
  const [line = ""] = envoyWords("x".repeat(5_000), ["web"]);
  expect(line).toMatch(/^ {2}Envoy says of web: x{600} … \(4400 characters more: meridian inspect zones -o yaml\)$/);
});
