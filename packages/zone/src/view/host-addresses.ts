import { lookup } from "node:dns/promises";
import { errorMessage, type Logger } from "@meridian/base";

export interface HostAddressesOptions {
  /** All addresses of a name; rejects when there is none. `lookupAll` outside of tests. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** A name that is in use is looked up again this often. Milliseconds. */
  readonly refreshMs: number;
  /** The address of this name is known now, or is another one. */
  readonly onChange: (host: string) => void;
  readonly logger: Logger;
}

/** By the resolver of the machine, so that its hosts file counts too. */
export async function lookupAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

interface Host {
  address?: string;
  toldReason?: string;
  lookup: Promise<void> | undefined;
}

/** getaddrinfo blocks a thread of libuv's pool of four, which files and keys need too. */
const mostLookups = 2;

/** The addresses of host names, remembered and looked up again from time to time. What was true last stays while DNS is away. */
export class HostAddresses {
  readonly #options: HostAddressesOptions;
  readonly #hosts = new Map<string, Host>();
  readonly #waiting: (() => void)[] = [];
  #lookups = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(options: HostAddressesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      for (const host of this.#hosts.keys()) void this.#refresh(host);
    }, options.refreshMs).unref();
  }

  /** The address if it is known; a name that is new is looked up. */
  addressOf(host: string): string | undefined {
    if (!this.#hosts.has(host)) void this.#refresh(host);
    return this.#hosts.get(host)?.address;
  }

  /** Resolves when every lookup that is under way has ended. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.lookup));
  }

  /** Forgets all names but these. */
  keep(used: ReadonlySet<string>): void {
    for (const host of this.#hosts.keys()) if (!used.has(host)) this.#hosts.delete(host);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#hosts.clear();
  }

  #refresh(name: string): Promise<void> {
    const host = this.#hosts.get(name) ?? { lookup: undefined };
    this.#hosts.set(name, host);
    host.lookup ??= this.#lookUp(name, host).finally(() => {
      host.lookup = undefined;
    });
    return host.lookup;
  }

  async #lookUp(name: string, host: Host): Promise<void> {
    if (this.#lookups >= mostLookups) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#lookups += 1;
    try {
      this.#found(name, host, await this.#options.lookup(name));
    } catch (error) {
      this.#tell(name, host, errorMessage(error));
    } finally {
      this.#lookups -= 1;
      this.#waiting.shift()?.();
    }
  }

  #found(name: string, host: Host, addresses: readonly string[]): void {
    delete host.toldReason;
    // A resolver that shuffles its answers must not make endpoints jump.
    if (host.address !== undefined && addresses.includes(host.address)) return;
    const address = firstOf(addresses);
    if (address === undefined) throw new Error("it has no address");
    host.address = address;
    if (this.#hosts.get(name) === host) this.#options.onChange(name);
  }

  #tell(name: string, host: Host, reason: string): void {
    if (host.toldReason === reason) return;
    host.toldReason = reason;
    this.#options.logger.warn(
      { host: name, reason, kept: host.address },
      "a host name in the address of a proxy cannot be resolved; trying again",
    );
  }
}

/** IPv4 before IPv6, then code-unit order: the same wherever the order of the answer is not. */
function firstOf(addresses: readonly string[]): string | undefined {
  const rank = (address: string): string => `${address.includes(":") ? 1 : 0}${address}`;
  return [...addresses].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0];
}
