// Bundles the workspace's own sources into apps/*/dist; packages from the registry stay outside, as npm installed them.
import { renameSync, rmSync } from "node:fs";
import { build } from "esbuild";

/** Every import that is not ours is left to Node. */
const externalPackages = {
  name: "external-packages",
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === "entry-point" || path.startsWith("@meridian/")) return undefined;
      return { path, external: true };
    });
  },
};

const common = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  splitting: true,
  logLevel: "warning",
  plugins: [externalPackages],
};

for (const app of [
  { directory: "apps/meridian", entryPoints: ["apps/meridian/src/main.ts"] },
  { directory: "apps/demo", entryPoints: ["apps/demo/src/main.ts", "apps/demo/src/service.ts"] },
  {
    directory: "test/bench",
    entryPoints: ["test/bench/main.ts", "test/bench/loadgen.ts", "test/bench/floor.ts", "test/bench/constant-server.ts"],
  },
]) {
  // Built beside and then swapped: a build that fails leaves the last good one, and nobody starts half of a new one.
  const next = `${app.directory}/dist.next`;
  rmSync(next, { recursive: true, force: true });
  await build({ ...common, entryPoints: app.entryPoints, outdir: next });
  rmSync(`${app.directory}/dist`, { recursive: true, force: true });
  renameSync(next, `${app.directory}/dist`);
}
