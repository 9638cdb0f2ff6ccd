import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { type CommandResult, meridian } from "./harness/cli.ts";
import { ports } from "./harness/control-plane.ts";
import { http } from "./harness/http.ts";
import { useMesh, type Zone } from "./harness/mesh.ts";

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
});

interface LinkAnswer {
  readonly state: string;
  readonly code?: string;
  readonly reason?: string;
}

async function linkOf(zone: Zone): Promise<LinkAnswer> {
  return (await zone.json<{ readonly link: LinkAnswer }>("/")).link;
}

async function refusalOf(zone: Zone): Promise<LinkAnswer> {
  return waitFor(`a refusal of ${zone.process.name}`, async () => {
    const link = await linkOf(zone);
    return link.state === "refused" && link;
  });
}

async function statusOf(name: string): Promise<string | undefined> {
  return (await mesh.global.client.zones()).items.find((zone) => zone.name === name)?.status;
}

function claimsOf(token: string): { readonly jti: string; readonly exp: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { jti: string; exp: number };
}

const badTokens: readonly {
  readonly what: string;
  readonly token: () => Promise<string>;
  readonly reason: RegExp;
}[] = [
  {
    what: "signed by somebody else",
    token: async () => `${(await mesh.zoneToken("west")).split(".").slice(0, 2).join(".")}.${"A".repeat(342)}`,
    reason: /signature/,
  },
  {
    what: "for another zone",
    token: () => mesh.zoneToken("north"),
    reason: /for (the )?zone north, not (for )?west/,
  },
  {
    what: "for zone proxies only",
    token: () => mesh.zoneToken("west", { scope: ["ingress"] }),
    reason: /scope/,
  },
  {
    what: "that has expired",
    token: async () => {
      const token = await mesh.zoneToken("west", { validFor: "1s" });
      await waitFor("the token to expire", () => Date.now() > claimsOf(token).exp * 1_000);
      return token;
    },
    reason: /expired since/,
  },
  {
    what: "that was revoked",
    token: async () => {
      const token = await mesh.zoneToken("west");
      const data = Buffer.from(claimsOf(token).jti).toString("base64");
      await mesh.apply({ type: "GlobalSecret", name: "zone-token-revocations", data });
      return token;
    },
    reason: /revoked/,
  },
];

it("a wrong token is refused with its reason, shown by the zone and never with the token", async () => {
  const zones = await Promise.all(
    badTokens.map(async ({ token, reason }, index) => {
      const text = await token();
      const zone = await mesh.planZone("west", { token: text, process: `west-${index}`, y: index + 1 });
      zone.process.start();
      return { zone, text, reason };
    }),
  );
  for (const { zone, text, reason } of zones) {
    const link = await refusalOf(zone);
    expect(link.code).toBe("INVALID_TOKEN");
    expect(link.reason).toMatch(reason);
    expect(link.reason).toContain("meridian generate zone-token --zone west");
    expect((await zone.call("/")).body + zone.process.log() + mesh.global.process.log()).not.toContain(text);
    await zone.process.stop();
  }
  expect(await statusOf("west")).toBeUndefined();
});

it("a zone without its global's state is not ready and says why; with the right token it joins without a restart", async () => {
  const zone = await mesh.planZone("south", { token: await mesh.zoneToken("north") });
  zone.process.start();
  await refusalOf(zone);
  const { status, body } = await http({ url: `${zone.diagnostics}/ready` });
  expect(status).toBe(503);
  expect(body).toContain("north");
  mesh.world.file("zone-south.token", await mesh.zoneToken("south"));
  await zone.ready();
  expect(await linkOf(zone)).toMatchObject({ state: "connected" });
  await zone.process.stop();
});

it("a disabled zone is sent away and comes back when it is enabled", async () => {
  const zone = mesh.zone("east");
  await mesh.global.put("/zones/east", { type: "Zone", name: "east", enabled: false });
  const link = await refusalOf(zone);
  expect(link.code).toBe("ZONE_DISABLED");
  expect(link.reason).toContain("enabled: true");
  expect(await statusOf("east")).toBe("disabled");
  await mesh.global.put("/zones/east", { type: "Zone", name: "east", enabled: true });
  await waitFor("east to be online", async () => (await statusOf("east")) === "online");
});

it("a second control plane of the same name is turned away; the first goes on", async () => {
  const second = await mesh.planZone("east", { process: "east-again", y: 2 });
  second.process.start();
  const link = await refusalOf(second);
  expect(link.code).toBe("ZONE_NAME_TAKEN");
  expect(link.reason).toContain("--name");
  expect(await linkOf(mesh.zone("east"))).toMatchObject({ state: "connected" });
  await second.process.stop();
});

it("zone join checks address, token and certificate before it runs", async () => {
  const { host } = mesh.global;
  const join = (global: string, token: string, ...more: string[]): Promise<CommandResult> => {
    const args = ["zone", "join", "--global", global, "--token", token, ...more];
    return meridian(mesh.world, { address: mesh.global.address, args });
  };
  const good = await mesh.zoneToken("west");
  const nobody = await join(`wss://${host}:9`, good);
  expect(nobody.exitCode).not.toBe(0);
  expect(nobody.stderr).toContain(`nothing answers at ${host}:9`);
  const untrusted = await join(`wss://${host}:${ports.kds}`, good);
  expect(untrusted.exitCode).not.toBe(0);
  expect(untrusted.stderr).toMatch(/certificate/i);
  const wrong = await join(`wss://${host}:${ports.kds}`, "nonsense", "--name", "west", "--global-skip-verify");
  expect(wrong.exitCode).not.toBe(0);
  expect(wrong.stderr).toContain("this is not a token");
  const plain = await join(`ws://${host}:${ports.kds}`, good);
  expect(plain.exitCode).not.toBe(0);
  expect(plain.stderr).toContain("wss://");
});
