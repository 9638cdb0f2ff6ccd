import { createServer, type Server } from "node:net";

/** Loopback addresses that belong to one test file: 127.N.x.y. */
export interface Network {
  /** `at(1, 10)` is 127.N.1.10: by convention x is the zone (0 for the global) and y the process in it. */
  at(x: number, y: number): string;
  release(): Promise<void>;
}

/** Whoever listens here owns 127.N.0.0/16; the kernel frees it when the process ends, however it ends. */
const guardPort = 47;

/** Claims a range that no other test run on this machine uses. */
export async function claimNetwork(): Promise<Network> {
  const first = process.pid % 200;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const n = 40 + ((first + attempt) % 200);
    const guard = await tryGuard(`127.${n}.255.254`);
    if (!guard) continue;
    return {
      at: (x, y) => `127.${n}.${x}.${y}`,
      release: () => new Promise((resolve) => guard.close(() => resolve())),
    };
  }
  throw new Error("every range of loopback addresses is in use by another test run");
}

function tryGuard(host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", () => resolve(undefined));
    server.listen({ host, port: guardPort }, () => resolve(server));
  });
}
