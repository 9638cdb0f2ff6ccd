import { type KindDefinition, parseDocuments } from "@meridian/model";
import type { TestAnswer, TestApi } from "./test-api.ts";

/** What kumactl sends with every request. */
const headers = { accept: "application/json", "user-agent": "kumactl/2.14.3 (linux; amd64; Kuma/2.14.3)" };
const zeroTime = "0001-01-01T00:00:00Z";

export type Call = (method: string, url: string, body?: unknown) => Promise<TestAnswer>;

/** Runs commands as kumactl 2.14.3 does: `GET /` first, then the calls of the command (reference: rest-api.md section 9). */
export function kumactl({ call }: Pick<TestApi, "call">) {
  const send: Call = (method, url, body) => call(method, url, body, headers);
  async function command<T>(run: (send: Call) => Promise<T>): Promise<T> {
    const index = await send("GET", "/");
    for (const field of ["hostname", "instanceId", "product", "version", "clusterId", "gui"]) {
      if (typeof index.json[field] !== "string") throw new Error(`GET / lacks ${field}`);
    }
    return run(send);
  }
  return {
    command,
    get: (url: string) => command((run) => run("GET", url)),
    delete: (url: string) => command((run) => run("DELETE", url)),
    post: (url: string, body: unknown) => command((run) => run("POST", url, body)),
    /** GET decides between Created and Updated, then PUT with times that Go never set. */
    apply: (url: string, document: object) =>
      command(async (run) => {
        const before = await run("GET", url);
        const put = await run("PUT", url, withZeroTimes(document));
        return { before, put };
      }),
  };
}

function withZeroTimes(document: object): object {
  const { type, mesh, name, labels, ...fields } = document as Readonly<Record<string, unknown>>;
  const times = { creationTime: zeroTime, modificationTime: zeroTime };
  return { type, ...(mesh !== undefined && { mesh }), name, ...times, ...(labels !== undefined && { labels }), ...fields };
}

/** The kind's own example, in the mesh `default`, and where it lives. */
export function exampleOf(kind: KindDefinition): { readonly document: Readonly<Record<string, unknown>>; readonly url: string } {
  const [parsed] = parseDocuments(kind.example, { source: kind.kind }).documents;
  const document = { ...Object(parsed?.value), ...(kind.scope === "mesh" && { mesh: "default" }) } as Readonly<
    Record<string, unknown>
  >;
  return { document, url: `${listUrl(kind)}/${String(document["name"])}` };
}

export function listUrl(kind: KindDefinition): string {
  return kind.scope === "mesh" ? `/meshes/default/${kind.path}` : `/${kind.path}`;
}
