// What only nightly tests need: networks and firewalls of their own (test/nightly). They make these as root.
import { spawnSync } from "node:child_process";
import { aptInstall } from "./apt-install.mjs";

const commands = { ip: "iproute2", iptables: "iptables", setpriv: "util-linux" };
const missing = Object.entries(commands).filter(([command]) => spawnSync(command, ["--version"]).error !== undefined);
if (missing.length > 0) {
  const packages = missing.map(([, name]) => name);
  console.error(`Installing ${packages.join(", ")} …`);
  if (!aptInstall(...packages)) console.error(`install ${packages.join(", ")}: the tests of transparent proxying fail without.`);
}
if (process.getuid?.() !== 0)
  console.error("The tests of transparent proxying make a network namespace: they fail unless root runs them.");
