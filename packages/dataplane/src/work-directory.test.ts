import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultWorkDirectory, prepareWorkDirectory } from "./work-directory.ts";

describe("the work directory", () => {
  it("is the same for the same proxy of the same control plane", () => {
    const place = { controlPlaneUrl: "https://a", mesh: "m", name: "n" };
    expect(defaultWorkDirectory(place)).toBe(defaultWorkDirectory({ ...place }));
    expect(defaultWorkDirectory(place)).not.toBe(defaultWorkDirectory({ ...place, controlPlaneUrl: "https://b" }));
    expect(defaultWorkDirectory(place)).not.toBe(defaultWorkDirectory({ ...place, mesh: "", name: "mn" }));
  });

  it("is refused when sockets in it would be too long, or when others can write to it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "meridian-test-"));
    try {
      await expect(prepareWorkDirectory(join(folder, "x".repeat(60)))).rejects.toThrow("too long for unix sockets");
      await mkdir(join(folder, "open"), { mode: 0o777 });
      await symlink(folder, join(folder, "link"));
      await expect(prepareWorkDirectory(join(folder, "link"))).rejects.toThrow("only this user");
      await prepareWorkDirectory(join(folder, "new"));
      await prepareWorkDirectory(join(folder, "new"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
