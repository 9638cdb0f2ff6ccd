// The real parts that tests use: a PostgreSQL server and Envoy. Installs PostgreSQL with apt where it is missing and may be;
// Envoy comes through the product's own `findEnvoy`, so that tests and users get the same binary.
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

function hasPostgres() {
  if (spawnSync("postgres", ["--version"]).status === 0) return true;
  const root = "/usr/lib/postgresql";
  return existsSync(root) && readdirSync(root).some((version) => existsSync(`${root}/${version}/bin/postgres`));
}
