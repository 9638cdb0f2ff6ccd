import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

export interface BundledProgram {
  /** For `process.execPath`. */
  readonly file: string;
  remove(): Promise<void>;
}

/** Our packages are TypeScript sources and must be bundled; the others are found from the folder of the bundle. */
const onlyOurs: Plugin = {
  name: "bundle-only-ours",
  setup: (bundler) =>
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@meridian/") ? undefined : { path, external: true },
    ),
};

/**
 * Makes a program of a TypeScript file that a test starts as a process of its own, to kill it for example.
 * @param entry url of the file, in the `src` of a package; the program lies in the package's `dist`, which git ignores.
 */
export async function bundleProgram(entry: URL): Promise<BundledProgram> {
  const source = fileURLToPath(entry);
  const file = join(dirname(source), "..", "dist", `test-program-${randomBytes(4).toString("hex")}.mjs`);
  await build({ entryPoints: [source], outfile: file, bundle: true, platform: "node", format: "esm", plugins: [onlyOurs] });
  return { file, remove: () => rm(file, { force: true }) };
}
