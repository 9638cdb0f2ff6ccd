import { errorMessage } from "@meridian/base";
import { http } from "../http.ts";
import { claimNetwork } from "../network.ts";
import { startUpstream } from "../upstream.ts";
import { Application, type Outcome } from "./application.ts";
import { NetworkNamespace, redirects, removeLeftovers } from "./network-namespace.ts";
import { startOutsideDns } from "./outside-dns.ts";

const outsidePort = 18_080;
const anyPort = 18_090;
const rootGid = 0;

/**
 * Why this machine redirects nothing, in one sentence, or undefined where it does. Found out by doing it: rights, commands, the kernel's
 * modules and a firewall of the machine's own show no other way.
 * @param env of the commands: `PATH` says where they are.
 */
export async function whyNoRedirect(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const owner = await claimNetwork();
  try {
    await removeLeftovers();
    const network = new NetworkNamespace(owner, env);
    try {
      await tryOut(network);
    } finally {
      network.stop();
    }
    return undefined;
  } catch (error) {
    return `a redirect takes Linux, root, iproute2, iptables and a kernel with its modules. ${errorMessage(error)}`;
  } finally {
    await owner.release();
  }
}

/** Names, the way out, and the redirect in both directions. @throws Error at the first of them that does not work. */
async function tryOut(network: NetworkNamespace): Promise<void> {
  const started: { stop(): Promise<void> }[] = [];
  const own = <T extends { stop(): Promise<void> }>(each: T): T => {
    started.push(each);
    return each;
  };
  try {
    own(await startOutsideDns(network.outside));
    own(await startUpstream({ host: network.outside, port: outsidePort, service: "outside", version: "v1", zone: "outside" }));
    const proxy = own(await Application.start(network, { gid: rootGid }));
    const direct = await proxy.call(`http://outside.example:${outsidePort}/`);
    expectAnswer("a name outside", direct, { service: "outside" });
    const ports = [redirects.outbound, redirects.inbound];
    const application = own(await Application.start(network, { host: "0.0.0.0", ports }));
    const redirected = await application.call(`http://${network.outside}:${outsidePort}/`);
    expectAnswer("the redirect of what is sent", redirected, { service: "inside", port: String(redirects.outbound) });
    const arrived = await http({ url: `http://${network.inside}:${anyPort}/` });
    expectAnswer("the redirect of what arrives", arrived, { service: "inside", port: String(redirects.inbound) });
  } finally {
    for (const each of started.reverse()) await each.stop();
  }
}

function expectAnswer(what: string, outcome: Outcome, wanted: Readonly<Record<string, string>>): void {
  const answer = outcome.status === 200 ? (JSON.parse(outcome.body ?? "") as Readonly<Record<string, unknown>>) : {};
  const isThere = Object.entries(wanted).every(([key, value]) => answer[key] === value);
  if (!isThere) throw new Error(`${what} does not work: ${JSON.stringify(outcome)}`);
}
