import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type Network, tryClaim } from "../network.ts";
import type { Launcher } from "../world.ts";

/** The group whose packets are redirected. The data plane and its Envoy run in another, so that theirs are not. */
export const applicationGid = 65_534;

export const redirects = { inbound: 15_006, outbound: 15_001, dns: 15_053 } as const;

const namePrefix = "meridian-e2e-";
/** Where `ip netns` keeps the names. */
const namesDirectory = "/var/run/netns";
const firewalls = ["iptables", "iptables-nft", "iptables-legacy"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Stands for a host with a workload: a network of its own, one cable to this machine, and the firewall's rules that redirect what the
 * application sends and what arrives for it. Nothing of this machine changes but for the cable. Needs root, iproute2 and iptables (Linux).
 */
export class NetworkNamespace {
  readonly #name: string;
  readonly #number: number;
  readonly #env: Environment;

  /**
   * @param owner nobody else has its number; what carries it was left behind by somebody who was killed.
   * @param env of the commands: `PATH` says where they are.
   * @throws Error with what `ip` or `iptables` says; then nothing is left.
   */
  constructor(owner: Network, env: Environment = process.env) {
    this.#number = owner.number;
    this.#name = `${namePrefix}${owner.number}`;
    this.#env = env;
    this.stop();
    try {
      this.#create();
      this.#redirect();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** An address of the host inside. */
  get inside(): string {
    return this.at(2);
  }

  /** This machine, as seen from inside. */
  get outside(): string {
    return this.at(1);
  }

  /** `at(10)` to `at(19)` are addresses of this machine, too. All are of RFC 2544's range: no real host is behind them. */
  at(last: number): string {
    return `198.18.${this.#number}.${last}`;
  }

  /** Runs what follows inside, as root. What it starts is redirected if it is of `applicationGid`. */
  get launcher(): Launcher {
    return ["ip", "netns", "exec", this.#name];
  }

  stop(): void {
    remove(this.#number, this.#env);
  }

  #create(): void {
    const name = this.#name;
    const [cable, within] = [cableOf(this.#number), `mrd-e2e-${this.#number}-i`];
    this.#ip("netns", "add", name);
    this.#ip("link", "add", cable, "type", "veth", "peer", "name", within, "netns", name);
    this.#ip("addr", "add", `${this.outside}/24`, "dev", cable);
    for (let last = 10; last < 20; last += 1) this.#ip("addr", "add", `${this.at(last)}/24`, "dev", cable);
    this.#ip("link", "set", cable, "up");
    this.#ip("-n", name, "link", "set", "lo", "up");
    this.#ip("-n", name, "addr", "add", `${this.inside}/24`, "dev", within);
    this.#ip("-n", name, "link", "set", within, "up");
    // What has no route never comes to the firewall: neither addresses of services nor name servers.
    this.#ip("-n", name, "route", "add", "default", "via", this.outside);
    const files = filesOf(this.#number);
    mkdirSync(files, { recursive: true });
    writeFileSync(`${files}/resolv.conf`, `nameserver ${this.outside}\n`);
    // A resolver of this machine's own, on a socket, would pass by the redirect.
    if (existsSync("/etc/nsswitch.conf")) writeFileSync(`${files}/nsswitch.conf`, "hosts: files dns\n");
  }

  /** As `kumactl install transparent-proxy` would, with a group of the application's instead of a user of the proxy's. */
  #redirect(): void {
    const application = ["-m", "owner", "--gid-owner", String(applicationGid)];
    const rules: readonly Rule[] = [
      { chain: "OUTPUT", match: ["-p", "udp", "--dport", "53", ...application], port: redirects.dns },
      { chain: "OUTPUT", match: ["-p", "tcp", "--dport", "53", ...application], port: redirects.dns },
      { chain: "OUTPUT", match: ["-p", "tcp", ...application], port: redirects.outbound },
      { chain: "PREROUTING", match: ["-p", "tcp"], port: redirects.inbound },
    ];
    const failures: string[] = [];
    for (const firewall of firewalls) {
      const within = ["netns", "exec", this.#name, firewall, "-w", "-t", "nat"];
      const said = rules.map(({ chain, match, port }) =>
        failureOf(this.#env, [...within, "-A", chain, ...match, "-j", "REDIRECT", "--to-ports", String(port)]),
      );
      const failure = said.find((each) => each !== undefined);
      if (failure === undefined) return;
      failures.push(`${firewall}: ${failure}`);
      // The next one begins anew.
      failureOf(this.#env, [...within, "-F"]);
    }
    throw new Error(failures.join("; "));
  }

  #ip(...args: readonly string[]): void {
    const failure = failureOf(this.#env, args);
    if (failure !== undefined) throw new Error(`ip ${args.slice(0, 2).join(" ")}: ${failure}`);
  }
}

/** What `ip` says if it does not do that. */
function failureOf(env: Environment, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync("ip", args, { encoding: "utf8", env });
  if (error) return "code" in error && error.code === "ENOENT" ? "ip is not installed" : error.message;
  return status === 0 ? undefined : (stderr.trim().split("\n")[0] ?? `exit code ${status}`);
}

interface Rule {
  readonly chain: "OUTPUT" | "PREROUTING";
  readonly match: readonly string[];
  readonly port: number;
}

/** Removes what test runs left behind that were killed: namespaces of our name whose number nobody owns. Others' stay. */
export async function removeLeftovers(): Promise<void> {
  const names = existsSync(namesDirectory) ? readdirSync(namesDirectory) : [];
  for (const name of names) {
    if (!/^meridian-e2e-\d+$/.test(name)) continue;
    const number = Number(name.slice(namePrefix.length));
    const claimed = await tryClaim(number);
    if (!claimed) continue;
    remove(number, process.env);
    await claimed.release();
  }
}

function cableOf(number: number): string {
  return `mrd-e2e-${number}-o`;
}

/** `ip netns exec` puts what lies here in the place of its namesakes in /etc. */
function filesOf(number: number): string {
  return `/etc/netns/${namePrefix}${number}`;
}

/** The name goes last: as long as something is left, `removeLeftovers` finds it. */
function remove(number: number, env: Environment): void {
  const name = `${namePrefix}${number}`;
  const { stdout } = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8", env });
  for (const pid of (stdout ?? "").split("\n").filter(Boolean)) spawnSync("kill", ["-9", pid], { env });
  spawnSync("ip", ["link", "del", cableOf(number)], { env });
  rmSync(filesOf(number), { recursive: true, force: true });
  spawnSync("ip", ["netns", "del", name], { env });
}
