import { createServer, type Server } from "node:net";

/** Loopback addresses that belong to one test file: 127.N.x.y. */
export interface Network {
  /** N. Whatever else of a machine has it in its name is this owner's, too. */
  readonly number: number;
  /** `at(1, 10)` is 127.N.1.10: by convention x is the zone (0 for the global) and y the process in it. */
  at(x: number, y: number): string;
  release(): Promise<void>;
}

/** Whoever listens here owns 127.N.0.0/16; the kernel frees it when the process ends, however it ends. Takes no rights. */
const guardPort = 4747;

/** Claims a range that no other test run on this machine uses. */
export async function claimNetwork(): Promise<Network> {
  const first = process.pid % 200;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const claimed = await tryClaim(40 + ((first + attempt) % 200));
    if (claimed) return claimed;
  }
  throw new Error("every range of loopback addresses is in use by another test run");
}

/** Claims 127.N.0.0/16; undefined while somebody else has it. */
export async function tryClaim(number: number): Promise<Network | undefined> {
  const guard = await tryGuard(`127.${number}.255.254`);
  return (
    guard && {
      number,
      at: (x, y) => `127.${number}.${x}.${y}`,
      release: () => new Promise((resolve) => guard.close(() => resolve())),
    }
  );
}

function tryGuard(host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", () => resolve(undefined));
    server.listen({ host, port: guardPort }, () => resolve(server));
  });
}
