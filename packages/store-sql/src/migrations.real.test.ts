import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

it("the migrations lead to the schema of schema.ts: drizzle-kit finds nothing to add", async () => {
  const copy = await mkdtemp(join(tmpdir(), "meridian-migrations-"));
  try {
    await cp(join(repository, "migrations"), copy, { recursive: true });
    const before = await readdir(copy);
    const schema = fileURLToPath(new URL("./schema.ts", import.meta.url));
    const drizzleKit = join(repository, "node_modules/drizzle-kit/bin.cjs");
    // Relative, because drizzle-kit puts "./" before the folder.
    const options = ["--dialect", "postgresql", "--schema", schema, "--out", "."];
    execFileSync(process.execPath, [drizzleKit, "generate", ...options], { cwd: copy, stdio: "pipe" });
    expect(await readdir(copy)).toEqual(before);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
