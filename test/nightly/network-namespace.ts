import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Launcher, World } from "../e2e/harness/world.ts";

/** Whose packets are redirected. Envoy and the data plane run as root, so that theirs are not. */
const applicationUid = 65_534;

export const redirects = { inbound: 15_006, outbound: 15_001, dns: 15_053 } as const;

/**
 * Stands for a host with a workload: a network of its own, one cable to this machine, and the firewall's rules that redirect what the
 * application sends and what arrives for it. Needs root, iproute2 and iptables (Linux).
 */
export class NetworkNamespace {
  readonly #name: string;
  readonly #subnet: string;

  /** @throws Error with what `ip` or `iptables` says. */
  constructor(world: World) {
    // Nobody else uses the world's number while it lasts; what has its name was left behind by somebody who was killed.
    const number = world.network.at(0, 0).split(".")[1] ?? "";
    this.#name = `meridian-${number}`;
    this.#subnet = `10.203.${number}`;
    this.#remove();
    world.own(this);
    this.#create();
    this.#redirect();
  }

  /** An address of the host inside. */
  get inside(): string {
    return this.at(2);
  }

  /** This machine, as seen from inside. */
  get outside(): string {
    return this.at(1);
  }

  /** `at(10)` to `at(19)` are addresses of this machine, too. */
  at(last: number): string {
    return `${this.#subnet}.${last}`;
  }

  /** Runs what follows inside, as root. */
  get launcher(): Launcher {
    return ["ip", "netns", "exec", this.#name];
  }

  /** Runs what follows inside, as the application whose packets are redirected. */
  get applicationLauncher(): Launcher {
    return [...this.launcher, "setpriv", `--reuid=${applicationUid}`, "--clear-groups"];
  }

  async stop(): Promise<void> {
    this.#remove();
  }

  get #cable(): string {
    return `${this.#name}-o`;
  }

  get #files(): string {
    return `/etc/netns/${this.#name}`;
  }

  #create(): void {
    const [name, cable, within] = [this.#name, this.#cable, `${this.#name}-i`];
    ip("netns", "add", name);
    ip("link", "add", cable, "type", "veth", "peer", "name", within, "netns", name);
    ip("addr", "add", `${this.outside}/24`, "dev", cable);
    for (let last = 10; last < 20; last += 1) ip("addr", "add", `${this.at(last)}/24`, "dev", cable);
    ip("link", "set", cable, "up");
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "addr", "add", `${this.inside}/24`, "dev", within);
    ip("-n", name, "link", "set", within, "up");
    // What has no route never comes to the firewall: neither addresses of services nor name servers.
    ip("-n", name, "route", "add", "default", "via", this.outside);
    mkdirSync(this.#files, { recursive: true });
    writeFileSync(`${this.#files}/resolv.conf`, `nameserver ${this.outside}\n`);
  }

  /** As `kumactl install transparent-proxy` would, with a user of the application's instead of one of the proxy's. */
  #redirect(): void {
    const application = ["-m", "owner", "--uid-owner", String(applicationUid)];
    this.#rule("OUTPUT", ["-p", "udp", "--dport", "53", ...application], redirects.dns);
    this.#rule("OUTPUT", ["-p", "tcp", "--dport", "53", ...application], redirects.dns);
    this.#rule("OUTPUT", ["-p", "tcp", ...application], redirects.outbound);
    this.#rule("PREROUTING", ["-p", "tcp"], redirects.inbound);
  }

  #rule(chain: string, match: readonly string[], port: number): void {
    const command = [...this.launcher, "iptables", "-w", "-t", "nat", "-A", chain, ...match];
    run([...command, "-j", "REDIRECT", "--to-ports", String(port)]);
  }

  /** Processes inside may outlive their name; without a cable they reach nobody. */
  #remove(): void {
    spawnSync("ip", ["link", "del", this.#cable]);
    spawnSync("ip", ["netns", "del", this.#name]);
    rmSync(this.#files, { recursive: true, force: true });
  }
}

function ip(...args: readonly string[]): void {
  run(["ip", ...args]);
}

function run([file = "", ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${[file, ...args].join(" ")}: ${error?.message ?? stderr}`);
}
