import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@meridian/base";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { probeGlobal } from "../client/probe.ts";
import { encodeFrame } from "../protocol/codec.ts";
import { subprotocol } from "../protocol/frames.ts";
import { Fabric, goodToken, put, route, type TestZone, until } from "../testing/fabric.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

async function refused(zone: TestZone, code: string): Promise<string> {
  await until(() => expect(zone.client.state.value).toMatchObject({ state: "refused", code }));
  return zone.client.state.value.reason ?? "";
}

async function connected(zone: TestZone): Promise<void> {
  await until(() => expect(zone.client.state.value.state).toBe("connected"));
}

const zoneKey = (name: string) => ({ kind: "Zone", mesh: "", name, labels: {} });

describe("a zone that is not let in learns why", () => {
  it("INVALID_TOKEN, and gets in with a renewed token without a restart", async () => {
    const hub = await fabric.hub();
    let token = "old";
    const zone = await fabric.zone(hub, "east", { token: async () => token });
    expect(await refused(zone, "INVALID_TOKEN")).toContain("it is revoked");
    expect(await hub.store.count("Zone")).toBe(0);
    token = goodToken("east");
    await connected(zone);
    expect(zone.client.state.value.reason).toBeUndefined();
  });

  it("INVALID_TOKEN without a token", async () => {
    const zone = await fabric.zone(await fabric.hub(), "east", { token: undefined });
    expect(await refused(zone, "INVALID_TOKEN")).toContain("no token was sent");
  });

  it("INVALID_TOKEN ends a connection when the token is revoked", async () => {
    let revoked = false;
    const hub = await fabric.hub({
      authenticate: async () => (revoked ? { ok: false, reason: "it was revoked" } : { ok: true }),
    });
    const zone = await fabric.zone(hub, "east");
    await connected(zone);
    revoked = true;
    const secret = { kind: "GlobalSecret", mesh: "", name: "zone-token-revocations", labels: {}, spec: { data: "eA==" } };
    await put(hub.store, secret);
    expect(await refused(zone, "INVALID_TOKEN")).toContain("it was revoked");
  });

  it("INVALID_ZONE_NAME", async () => {
    const zone = await fabric.zone(await fabric.hub(), "East_1");
    expect(await refused(zone, "INVALID_ZONE_NAME")).toContain("lower-case");
  });

  it("ZONE_DISABLED, at the start and while connected, and gets in when it is enabled again", async () => {
    const hub = await fabric.hub();
    await put(hub.store, { ...zoneKey("east"), spec: { enabled: false } });
    const zone = await fabric.zone(hub, "east");
    expect(await refused(zone, "ZONE_DISABLED")).toContain("enabled: true");
    expect(hub.hub.zones()).toMatchObject([{ zone: "east", status: "disabled" }]);
    await put(hub.store, { ...zoneKey("east"), spec: { enabled: true } });
    await connected(zone);
    await put(hub.store, { ...zoneKey("east"), spec: { enabled: false } });
    await refused(zone, "ZONE_DISABLED");
  });

  it("ZONE_NAME_TAKEN, until the first control plane leaves", async () => {
    const hub = await fabric.hub();
    const first = await fabric.zone(hub, "east");
    await connected(first);
    const second = await fabric.zone(hub, "east", { instanceId: "east-2" });
    expect(await refused(second, "ZONE_NAME_TAKEN")).toContain("east-1");
    expect(first.client.state.value.state).toBe("connected");
    await first.stop();
    await connected(second);
  });

  it("lets another control plane in when the first shows no life", async () => {
    const hub = await fabric.hub({ heartbeatTimeoutMs: 300, heartbeatIntervalMs: 30_000 });
    const first = await fabric.zone(hub, "east", { heartbeatTimeoutMs: 60_000 });
    await connected(first);
    first.wire.silence();
    const second = await fabric.zone(hub, "east", { instanceId: "east-2" });
    await connected(second);
  });

  it("the same control plane replaces its older stream", async () => {
    const hub = await fabric.hub();
    const first = await fabric.zone(hub, "east", { heartbeatTimeoutMs: 60_000 });
    await connected(first);
    first.wire.silence();
    const again = await fabric.zone(hub, "east");
    await connected(again);
    expect(hub.hub.zones()).toMatchObject([{ zone: "east", status: "online" }]);
  });

  it("ZONE_DELETED creates the zone anew", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    await connected(zone);
    const codes: unknown[] = [];
    zone.client.state.subscribe((state) => codes.push(state.code));
    await hub.store.commit([{ op: "delete", key: zoneKey("east") }], { author: "test" });
    await until(async () => expect(await hub.store.count("Zone")).toBe(1));
    await connected(zone);
    expect(codes).toContain("ZONE_DELETED");
  });

  it("INCOMPATIBLE_VERSION for a client without our subprotocol", async () => {
    const hub = await fabric.hub();
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${hub.port}`, ["meridian.kds.v9"]);
      socket.on("unexpected-response", (_request, response) => {
        response.on("data", (data: Buffer) => resolve({ status: response.statusCode, body: data.toString() }));
      });
      socket.on("error", reject);
    });
    expect(answer.status).toBe(426);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "INCOMPATIBLE_VERSION" });
    expect(answer.body).toContain("meridian.kds.v9");
  });

  it("INCOMPATIBLE_VERSION for another protocol version in the hello", async () => {
    const hub = await fabric.hub();
    const socket = new WebSocket(`ws://127.0.0.1:${hub.port}`, [subprotocol], {
      headers: { authorization: `Bearer ${goodToken("east")}` },
    });
    const hello = {
      type: "hello",
      zone: "east",
      instanceId: "i",
      protocol: 2,
      version: "9",
      features: [],
      globalId: "",
    } as const;
    const rest = { revision: 0, digest: "", clockMs: Date.now(), config: "", probe: false };
    socket.on("open", () => socket.send(encodeFrame({ ...hello, ...rest })));
    const code = await new Promise((resolve) => socket.on("close", resolve));
    expect(code).toBe(4426);
  });

  it("a hub that speaks another version is a refusal at the zone", async () => {
    const server = createServer((_request, response) => response.end());
    server.on("upgrade", (_request, socket) => {
      const body = JSON.stringify({ code: "INCOMPATIBLE_VERSION", message: "speak v2" });
      socket.end(`HTTP/1.1 426 Upgrade Required\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const zone = await fabric.zone({ port: (server.address() as AddressInfo).port }, "east");
    expect(await refused(zone, "INCOMPATIBLE_VERSION")).toBe("speak v2");
    server.close();
  });

  it("NOT_A_HUB for a port that serves something else", async () => {
    const server = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const zone = await fabric.zone({ port: (server.address() as AddressInfo).port }, "east");
    expect(await refused(zone, "NOT_A_HUB")).toContain("5685");
    server.close();
  });

  it("CLOCK_SKEW is a warning", async () => {
    const hub = await fabric.hub();
    const clock = { now: () => systemClock.now() + 120_000 };
    const zone = await fabric.zone(hub, "east", { clock });
    await connected(zone);
    expect(zone.client.state.value.warnings).toMatchObject([{ code: "CLOCK_SKEW" }]);
    expect(zone.client.state.value.warnings?.[0]?.message).toContain("120 s ahead");
  });

  it("an unreachable global is a reason, not a refusal", async () => {
    const zone = await fabric.zone({ port: 1 }, "east");
    await until(() => expect(zone.client.state.value).toMatchObject({ state: "connecting", code: "UNREACHABLE" }));
    await zone.stop();
    expect(zone.client.state.value.state).toBe("stopped");
  });
});

describe("probeGlobal", () => {
  it("says whether a zone would be let in, and changes nothing", async () => {
    const hub = await fabric.hub();
    const probe = { zone: "east", version: "0.1.0", instanceId: "p", nowMs: Date.now(), signal: new AbortController().signal };
    const url = `ws://127.0.0.1:${hub.port}`;
    expect(await probeGlobal({ ...probe, url, token: goodToken("east") })).toEqual({
      ok: true,
      globalVersion: "0.1.0",
      warnings: [],
    });
    expect(await hub.store.count("Zone")).toBe(0);
    expect(await probeGlobal({ ...probe, url, token: "bad" })).toMatchObject({ ok: false, code: "INVALID_TOKEN" });
    expect(await probeGlobal({ ...probe, url: "ws://127.0.0.1:1", token: "bad" })).toMatchObject({ code: "UNREACHABLE" });
    expect(await probeGlobal({ ...probe, url: "nonsense", token: "bad" })).toMatchObject({ code: "BAD_ADDRESS" });
    const holder = await fabric.zone(hub, "east");
    await connected(holder);
    await put(hub.store, route("a"));
    expect(await probeGlobal({ ...probe, url, token: goodToken("east") })).toMatchObject({ code: "ZONE_NAME_TAKEN" });
    expect(holder.client.state.value.state).toBe("connected");
  });
});
