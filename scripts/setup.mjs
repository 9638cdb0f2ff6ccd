// Everything a fresh machine needs before a command runs: packages (once per lock file) and the build (when sources changed).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Meridian needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}
process.chdir(new URL("..", import.meta.url).pathname);
mkdirSync(".cache", { recursive: true });

once("packages", [readFileSync("package-lock.json")], existsSync("node_modules"), () => {
  console.error("Installing packages …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
});
once("build", sources(["apps", "packages", "test/bench", "scripts"]), existsSync("apps/meridian/dist/main.js"), () => {
  run(process.execPath, ["scripts/build.mjs"]);
});

/** Runs `work` unless it already ran for the same inputs and its result is still there. */
function once(name, inputs, present, work) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input);
  const digest = hash.digest("hex");
  const stamp = join(".cache", `${name}.stamp`);
  if (present && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  work();
  writeFileSync(stamp, digest);
}

function sources(directories) {
  return directories.flatMap((directory) =>
    !existsSync(directory)
      ? []
      : readdirSync(directory).flatMap((entry) => {
          const path = join(directory, entry);
          if (entry === "dist" || entry === "node_modules") return [];
          if (statSync(path).isDirectory()) return sources([path]);
          return /\.(ts|mjs|json)$/.test(entry) ? [`${path}\n`, readFileSync(path)] : [];
        }),
  );
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
