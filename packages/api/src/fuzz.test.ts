import type { KindDefinition } from "@meridian/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyDocument } from "./fuzz/documents.ts";
import { anyRequest, type Request } from "./fuzz/requests.ts";
import { kinds, type TestAnswer, type TestApi, testApi } from "./testing/test-api.ts";

const isNightly = Boolean(process.env["MERIDIAN_NIGHTLY"]);
const runs = isNightly ? 50_000 : 2_000;
/** The whole content is compared so often; the revision each time. */
const runsPerComparison = 50;

const writable = kinds.all.filter(({ category }) => category !== "insight");

/** What writes of anything must hold to, whatever came before. */
class Laws {
  readonly #api: TestApi;
  readonly statuses = new Map<number, number>();
  /** Kinds of which something was accepted. */
  readonly written = new Set<string>();
  #runs = 0;

  constructor(api: TestApi) {
    this.#api = api;
  }

  /** Below 500; what was refused wrote nothing, what was accepted is one revision at most and is read back as it is. */
  async hold(request: Request): Promise<void> {
    const { store } = this.#api;
    this.#runs += 1;
    const isCompared = this.#runs % runsPerComparison === 0;
    const before = isCompared ? await this.#everything() : "";
    const revision = await store.revision();
    const answer = await this.#send(request);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    expect(answer.status).toBeLessThan(500);
    if (answer.status >= 400) {
      expect(await store.revision()).toBe(revision);
      if (isCompared) expect(await this.#everything()).toBe(before);
      return;
    }
    expect((await store.revision()) - revision).toBeLessThanOrEqual(1);
    for (const url of request.method === "PUT" ? [request.url] : urlsOf(answer)) await this.#isReadBackEqual(url);
  }

  /** What was read can be written, in each of its forms, and changes nothing. */
  async #isReadBackEqual(url: string): Promise<void> {
    const { store, call } = this.#api;
    const revision = await store.revision();
    const read = await call("GET", url);
    expect([url, read.status]).toEqual([url, 200]);
    this.written.add(read.json.type);
    const again = await call("PUT", url, read.text);
    expect([again.status, again.text, await store.revision()]).toEqual([200, expect.anything(), revision]);
    const kubernetes = await call("GET", `${url}?format=k8s`);
    const applied = await call("POST", "/apply", { documents: [kubernetes.json] });
    expect([applied.status, applied.json.results?.[0]?.outcome, kubernetes.text]).toEqual([200, "unchanged", kubernetes.text]);
    expect((await call("GET", url)).text).toBe(read.text);
  }

  #send({ method, url, body, headers }: Request): Promise<TestAnswer> {
    return this.#api.call(method, url, body, headers);
  }

  async #everything(): Promise<string> {
    const lists = await Promise.all(kinds.all.map(({ kind }) => this.#api.store.list(kind)));
    return JSON.stringify(lists);
  }
}

/** Of what a batch has left there. */
function urlsOf({ json }: TestAnswer): readonly string[] {
  const results = json.results as readonly { kind: string; mesh: string; name: string; outcome: string }[];
  if (json.dryRun === true) return [];
  const last = new Map(results.map((result) => [[result.kind, result.mesh, result.name].join("\n"), result]));
  return [...last.values()]
    .filter(({ outcome }) => outcome !== "deleted" && outcome !== "absent")
    .map(({ kind, mesh, name }) => {
      const { path, scope } = kinds.get(kind) as KindDefinition;
      return `${scope === "mesh" ? `/meshes/${mesh}` : ""}/${path}/${name}`;
    });
}

test(`${runs} writes of anything: never a 5xx, never a part of a write, and what is stored is read back equal`, async () => {
  const laws = new Laws(await testApi({ mode: "standalone", zone: "east" }));
  await fc.assert(
    fc.asyncProperty(anyRequest(anyDocument(kinds, writable)), (request) => laws.hold(request)),
    { numRuns: runs, endOnFailure: false },
  );
  // A law about accepted and refused writes must have met both, of every kind.
  for (const status of [200, 201, 400, 415]) expect([status, (laws.statuses.get(status) ?? 0) > 10]).toEqual([status, true]);
  const unwritten = writable.filter(({ kind }) => !laws.written.has(kind)).map(({ kind }) => kind);
  // A short run may miss one by chance.
  expect(unwritten.length, unwritten.join()).toBeLessThanOrEqual(isNightly ? 0 : 3);
}, 3_600_000);
