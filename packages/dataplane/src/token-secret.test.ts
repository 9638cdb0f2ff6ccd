import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@meridian/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TokenSecret } from "./token-secret.ts";

let folder = "";
let lines: string[] = [];
let secret: TokenSecret;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mdp-token-"));
  await mkdir(join(folder, "w"));
  lines = [];
});
afterEach(async () => {
  await secret.stop();
  await rm(folder, { recursive: true });
});

async function open(content?: string): Promise<TokenSecret> {
  const tokenFile = join(folder, "token");
  if (content !== undefined) await writeFile(tokenFile, content);
  const logger = createLogger({ name: "test", destination: { write: (line) => void lines.push(line) } });
  secret = new TokenSecret({ workDirectory: join(folder, "w"), logger, ...(content !== undefined && { tokenFile }) });
  await secret.read();
  await secret.start();
  return secret;
}

async function given(): Promise<unknown> {
  const [{ name, genericSecret }] = JSON.parse(await readFile(join(folder, "w", "token.json"), "utf8")).resources;
  return { name, ...genericSecret.secret };
}

test("Envoy gets the token in a file that only this user may read", async () => {
  await open(" first\n");
  expect(secret).toMatchObject({ value: "first", path: join(folder, "w", "token.json") });
  expect(await given()).toEqual({ name: "token", inlineString: "first" });
  expect((await stat(secret.path)).mode & 0o777).toBe(0o600);
});

test.each([
  ["written anew", (path: string) => writeFile(path, "second\n")],
  ["replaced by another", (path: string) => writeFile(`${path}.new`, "second").then(() => rename(`${path}.new`, path))],
])("a token file that is %s is passed on; one that is empty or gone is not", async (_how, renew) => {
  const { value } = await open("first");
  await writeFile(join(folder, "token"), "");
  await rm(join(folder, "token"));
  expect(value).toBe("first");
  await renew(join(folder, "token"));
  await expect.poll(() => secret.value, { timeout: 60_000 }).toBe("second");
  expect(await given()).toEqual({ name: "token", inlineString: "second" });
  expect(lines.join("")).toContain("the token was renewed");
  expect(lines.join("")).not.toMatch(/first|second/);
});

test("without a token there is nothing to hand over, and a file that is not there is the user's mistake", async () => {
  await open();
  expect(secret).toMatchObject({ value: "", path: "" });
  const missing = new TokenSecret({
    workDirectory: folder,
    tokenFile: join(folder, "none"),
    logger: createLogger({ name: "test" }),
  });
  await expect(missing.read()).rejects.toThrow("--token-file");
});
