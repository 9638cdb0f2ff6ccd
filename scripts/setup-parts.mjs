// The real parts that tests use: a PostgreSQL server, Envoy, a network with a firewall. Installs PostgreSQL and the firewall's commands
// with apt where they are missing and may be; Envoy comes through the product's own `findEnvoy`, so that tests and users get the same binary.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { aptInstall } from "./apt-install.mjs";

if (!process.env.DATABASE_URL && !hasPostgres()) {
  console.error("Installing PostgreSQL …");
  if (!aptInstall("postgresql")) {
    console.error(
      "PostgreSQL could not be installed: install the package postgresql, or set DATABASE_URL to a server that tests may use.",
    );
  }
}

// Only root may make networks. Where something is missing after all, the tests of transparent proxying are skipped and say so.
const missing = Object.entries({ ip: "iproute2", iptables: "iptables" }).filter(([command]) => !runs(command, "-V"));
if (process.getuid?.() === 0 && missing.length > 0) {
  const packages = missing.map(([, name]) => name);
  console.error(`Installing ${packages.join(", ")} …`);
  if (!aptInstall(...packages)) console.error(`${packages.join(", ")} could not be installed.`);
}

function runs(command, argument) {
  return spawnSync(command, [argument]).status === 0;
}

function hasPostgres() {
  if (runs("postgres", "--version")) return true;
  const root = "/usr/lib/postgresql";
  return existsSync(root) && readdirSync(root).some((version) => existsSync(`${root}/${version}/bin/postgres`));
}
