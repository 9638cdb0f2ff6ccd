import { silentLogger } from "@meridian/base";
import type { AvailableService } from "@meridian/generator";
import type { ZoneIngressSpec } from "@meridian/model";
import { ConflictError, createMemoryStore, type Store } from "@meridian/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle, until } from "../testing/until.ts";
import { IngressAvailability } from "./ingress-availability.ts";
import type { ResourceWriter } from "./resource-writer.ts";

const author = { author: "test" };
const clock = { now: () => 0 };

let store: Store;
let writes: string[];
let failures: Error[];
let services: readonly AvailableService[];
let availability: IngressAvailability;
const gates: (() => void)[] = [];
let isGated: boolean;

const writer: ResourceWriter = {
  put: async (resource, by, { expect: version } = {}) => {
    writes.push(resource.name);
    if (isGated) await new Promise<void>((resolve) => gates.push(resolve));
    const failure = failures.shift();
    if (failure) throw failure;
    return store.commit([{ op: "put", resource, ...(version !== undefined && { expect: version }) }], by);
  },
  create: async () => {},
  remove: async () => {},
};

beforeEach(async () => {
  [writes, failures, services, isGated] = [[], [], [], false];
  store = createMemoryStore({ clock });
  await putIngress("own");
  await putIngress("foreign", { "kuma.io/origin": "global" });
  availability = new IngressAvailability({
    ...{ store, writer },
    engine: { availableServices: () => services },
    isLeaving: () => false,
    logger: silentLogger,
  });
});
afterEach(() => availability.stop());

function putIngress(name: string, labels: Readonly<Record<string, string>> = {}, address = "10.0.0.1") {
  const spec = { networking: { address, port: 10001 } };
  return store.commit([{ op: "put", resource: { kind: "ZoneIngress", mesh: "", name, labels, spec } }], author);
}

function service(name: string, instances = 1): AvailableService {
  return { mesh: "default", tags: { "kuma.io/service": name }, instances };
}

async function offersOf(name: string): Promise<readonly string[]> {
  const ingress = await store.get<ZoneIngressSpec>({ kind: "ZoneIngress", mesh: "", name });
  return (ingress?.spec.availableServices ?? []).map(({ tags, instances }) => `${tags["kuma.io/service"]} ${instances}`);
}

describe("what the zone's ingresses offer", () => {
  it("is written to its own, not to those of other zones", async () => {
    services = [service("web", 2)];
    availability.refresh(false);
    await until(async () => expect(await offersOf("own")).toEqual(["web 2"]));
    await settle();
    expect(await offersOf("foreign")).toEqual([]);
  });

  it("is not written again while it is the same", async () => {
    services = [service("web")];
    availability.refresh(false);
    await until(async () => expect(await offersOf("own")).toEqual(["web 1"]));
    availability.refresh(false);
    services = [service("web")];
    availability.refresh(true);
    await settle();
    expect(writes).toEqual(["own"]);
  });

  it("is written to an ingress that comes later", async () => {
    services = [service("web")];
    availability.refresh(false);
    await until(async () => expect(await offersOf("own")).toEqual(["web 1"]));
    await putIngress("second");
    availability.refresh(true);
    await until(async () => expect(await offersOf("second")).toEqual(["web 1"]));
  });

  it("is written once more for all that changed while a write was under way", async () => {
    isGated = true;
    services = [service("a")];
    availability.refresh(false);
    await until(() => expect(gates).toHaveLength(1));
    for (const name of ["b", "c", "d"]) {
      services = [...services, service(name)];
      availability.refresh(false);
    }
    isGated = false;
    gates.shift()?.();
    await until(async () => expect(await offersOf("own")).toEqual(["a 1", "b 1", "c 1", "d 1"]));
    expect(writes).toEqual(["own", "own"]);
  });

  it("does not undo what someone else writes to the ingress in this moment", async () => {
    isGated = true;
    services = [service("web")];
    availability.refresh(false);
    await until(() => expect(gates).toHaveLength(1));
    await putIngress("own", {}, "10.0.0.2");
    isGated = false;
    gates.shift()?.();
    await until(async () => expect(await offersOf("own")).toEqual(["web 1"]));
    expect(await store.get({ kind: "ZoneIngress", mesh: "", name: "own" })).toMatchObject({
      spec: { networking: { address: "10.0.0.2" } },
    });
  });

  it("is tried again when it cannot be written", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    failures = [new Error("the database is away"), new ConflictError({ kind: "ZoneIngress", mesh: "", name: "own" }, 1, 2)];
    services = [service("web")];
    availability.refresh(false);
    await settle();
    expect(await offersOf("own")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await until(async () => expect(await offersOf("own")).toEqual(["web 1"]));
  });
});
