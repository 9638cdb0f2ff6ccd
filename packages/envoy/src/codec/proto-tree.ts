import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { supplementaryProtos } from "./supplement.ts";

/** Where one .proto file's text comes from. */
export interface ProtoSource {
  readonly id: string;
  readonly read: () => string;
}

/**
 * The Envoy API's .proto files, found by type name without loading them: in this tree a file's package is its folder, so the
 * folder of a name's package holds its file (checked by proto-tree.test.ts for every file). Design decision 5.
 */
export class ProtoTree {
  readonly #roots: readonly string[];
  /** package → top-level name → file; `undefined`: there is no such package. */
  readonly #packages = new Map<string, ReadonlyMap<string, ProtoSource> | undefined>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** The file that declares the top-level message or enum `name` of `packageName`. */
  find(packageName: string, name: string): ProtoSource | undefined {
    return this.#index(packageName)?.get(name);
  }

  #index(packageName: string): ReadonlyMap<string, ProtoSource> | undefined {
    if (!this.#packages.has(packageName)) this.#packages.set(packageName, this.#readIndex(packageName));
    return this.#packages.get(packageName);
  }

  #readIndex(packageName: string): ReadonlyMap<string, ProtoSource> | undefined {
    const index = new Map<string, ProtoSource>();
    const supplement = supplementaryProtos[packageName];
    if (supplement !== undefined) addDeclarations(index, { id: `supplement:${packageName}`, read: () => supplement });
    for (const root of this.#roots) {
      const folder = join(root, ...packageName.split("."));
      if (!/^[\w.]+$/.test(packageName) || !existsSync(folder)) continue;
      for (const file of readdirSync(folder).sort()) {
        if (!file.endsWith(".proto")) continue;
        const path = join(folder, file);
        addDeclarations(index, { id: path, read: () => readFileSync(path, "utf8") });
      }
    }
    return index.size > 0 ? index : undefined;
  }
}

function addDeclarations(index: Map<string, ProtoSource>, source: ProtoSource): void {
  for (const match of source.read().matchAll(/^(?:message|enum)\s+(\w+)/gm)) {
    if (match[1] !== undefined && !index.has(match[1])) index.set(match[1], source);
  }
}

/** Folders of the tree inside the package `@grpc/grpc-js-xds`. */
export function shippedProtoRoots(): readonly string[] {
  const packageFile = createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json");
  const deps = join(dirname(packageFile), "deps");
  return ["envoy-api", "googleapis", "xds"].map((folder) => join(deps, folder));
}
