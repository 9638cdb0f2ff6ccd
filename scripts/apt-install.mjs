// Debian packages that tests need, where this machine has them not and may install them.
import { spawnSync } from "node:child_process";

/** False, with what apt says on stderr, where they cannot be installed. */
export function aptInstall(...packages) {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const commands = [
    ["apt-get", "update", "-q"],
    ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages],
  ];
  return commands.every((args) => {
    const [command = "", ...rest] = [...sudo, ...args];
    const { status } = spawnSync(command, rest, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    return status === 0;
  });
}
