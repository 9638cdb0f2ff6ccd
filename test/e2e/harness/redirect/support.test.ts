import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@meridian/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimNetwork } from "../network.ts";
import { describeRedirected } from "./describe-redirected.ts";
import { NetworkNamespace, removeLeftovers } from "./network-namespace.ts";
import { whyNoRedirect } from "./support.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "meridian-redirect-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A PATH with nothing but these commands: shell scripts, or links to the machine's own. */
function pathWith(name: string, commands: Readonly<Record<string, string>>): { readonly PATH: string } {
  const path = join(directory, name);
  mkdirSync(path);
  for (const [command, content] of Object.entries(commands)) {
    if (content.startsWith("/")) symlinkSync(content, join(path, command));
    else {
      writeFileSync(join(path, command), `#!/bin/sh\n${content}\n`);
      chmodSync(join(path, command), 0o755);
    }
  }
  return { PATH: path };
}

describe("a machine that redirects nothing says why", () => {
  it("has no iproute2", async () => {
    expect(await whyNoRedirect(pathWith("empty", {}))).toMatch(
      / takes Linux, root, iproute2.* ip netns add: ip is not installed$/,
    );
  });

  it("may make no namespaces", async () => {
    const ip = "echo 'mount --make-shared /var/run/netns failed: Operation not permitted' >&2; exit 1";
    expect(await whyNoRedirect(pathWith("forbidden", { ip }))).toMatch(/ip netns add: mount .*: Operation not permitted$/);
  });
});

describeRedirected("on a machine that redirects", () => {
  it("a missing iptables is named", async () => {
    expect(await whyNoRedirect(pathWith("no-iptables", { ip: whereIs("ip") }))).toMatch(
      /exec of "iptables" failed: No such file/,
    );
  });

  it("every command of the firewall is tried before a kernel without address translation is blamed", async () => {
    const ip = `case "$*" in *" nat "*) echo "can't initialize iptables table 'nat'" >&2; exit 3;; esac; exec ${whereIs("ip")} "$@"`;
    const reason = await whyNoRedirect(pathWith("no-nat", { ip }));
    for (const firewall of ["iptables", "iptables-nft", "iptables-legacy"]) {
      expect(reason).toContain(`${firewall}: can't initialize iptables table 'nat'`);
    }
  });

  it("what a killed run left is removed with its processes; what is in use or somebody else's stays", async () => {
    const [killed, living] = [await claimNetwork(), await claimNetwork()];
    const foreign = `meridian-of-somebody-${process.pid}`;
    const [left, used] = [new NetworkNamespace(killed), new NetworkNamespace(living)];
    try {
      ip("netns", "add", foreign);
      const [file = "", ...launcher] = left.launcher;
      const orphan = spawn(file, [...launcher, "sh", "-c", "echo inside; exec sleep 1000"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(orphan, "exit");
      await once(orphan.stdout, "data");
      await killed.release();
      await removeLeftovers();
      expect(await ended).toEqual([null, "SIGKILL"]);
      // Another run on this machine may have come first.
      await waitFor("the name to be gone", () => !names().includes(nameOf(left)));
      expect(names()).toEqual(expect.arrayContaining([nameOf(used), foreign]));
      accessSync(`/etc/netns/${nameOf(used)}/resolv.conf`);
      expect(() => accessSync(`/etc/netns/${nameOf(left)}`)).toThrow("ENOENT");
    } finally {
      ip("netns", "del", foreign);
      used.stop();
      await living.release();
    }
  });
});

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}

function whereIs(command: string): string {
  return spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).stdout.trim();
}

function names(): readonly string[] {
  return readdirSync("/var/run/netns");
}

function nameOf({ launcher }: NetworkNamespace): string {
  return launcher.at(-1) ?? "";
}
