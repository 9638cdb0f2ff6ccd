import type { Store } from "../store.ts";

/** Eight writers until the process is killed; each says on stdout what was acknowledged to it. See `describeKill`. */
export async function writeUntilKilled(store: Store): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, (_, writer) => writeForever(store, writer)));
}

async function writeForever(store: Store, writer: number): Promise<never> {
  for (let n = 1; ; n++) {
    const resource = {
      kind: "TrafficRoute",
      mesh: "default",
      name: `r-${writer}`,
      labels: {},
      spec: { n, padding: "x".repeat(500) },
    };
    const meta = { [`n-${writer}`]: String(n) };
    const { revision } = await store.commit([{ op: "put", resource }], { author: "writer" }, { meta });
    process.stdout.write(`${JSON.stringify({ revision, writer, n })}\n`);
  }
}
