import { typeUrls } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { resourcesOf, type ServiceConfig } from "./testing/configs.ts";
import { SimulatedProxy } from "./testing/simulated-proxy.ts";
import { SimulatedStream } from "./testing/simulated-stream.ts";

const web: ServiceConfig = { name: "web", cluster: 1, endpoints: 1, listener: 1, route: 1 };
const api: ServiceConfig = { name: "api", cluster: 1, endpoints: 1, listener: 1 };

function settled(services: readonly ServiceConfig[], mode: "delta" | "sotw" = "delta"): SimulatedStream {
  const stream = new SimulatedStream(new SimulatedProxy(mode), resourcesOf(services));
  stream.settle();
  stream.takeSent();
  return stream;
}

describe("order", () => {
  it("sends a change of routes or endpoints at once, in one response", () => {
    const stream = settled([web]);
    stream.push(resourcesOf([{ ...web, route: 2 }]));
    expect(stream.takeSent()).toEqual(["RouteConfiguration +web-route"]);
    stream.push(resourcesOf([{ ...web, route: 2, endpoints: 2 }]));
    expect(stream.takeSent()).toEqual(["ClusterLoadAssignment +web"]);
  });

  it("adds clusters and endpoints, then listeners, then removes clusters", () => {
    const stream = settled([web]);
    stream.push(resourcesOf([api]));
    stream.settle();
    expect(stream.takeSent()).toEqual([
      "Cluster +api",
      "ClusterLoadAssignment +api",
      "Listener +api-listener -web-listener",
      "Cluster -web",
    ]);
  });

  it("answers a proxy that has nothing to hold, so that it can start", () => {
    const stream = new SimulatedStream(new SimulatedProxy("delta"), resourcesOf([]));
    stream.settle();
    expect(stream.takeSent()).toEqual(["Cluster", "Listener"]);
    expect(stream.acknowledged).toEqual([1]);
  });

  it("merges what was not sent: the newest state wins", () => {
    const stream = settled([web]);
    for (const route of [2, 3, 4]) stream.push(resourcesOf([{ ...web, route }]));
    stream.settle();
    expect(stream.takeSent()).toEqual(["RouteConfiguration +web-route", "RouteConfiguration +web-route"]);
    expect(stream.acknowledged).toEqual([1, 2, 4]);
  });

  it("acknowledges at once what does not concern the proxy", () => {
    const stream = settled([web]);
    stream.push(
      new Map([...resourcesOf([web]), [typeUrls.secret, resourcesOf([{ ...api, secret: 1 }]).get(typeUrls.secret) ?? new Map()]]),
    );
    expect(stream.takeSent()).toEqual([]);
    expect(stream.acknowledged.at(-1)).toBe(stream.generation);
  });
});

describe("names", () => {
  it("says that a name does not exist, so that the proxy does not hang", () => {
    const stream = settled([web]);
    const request = { node: undefined, responseNonce: "", errorDetail: undefined, initialResourceVersions: new Map() };
    const ask = (names: string[]): void =>
      stream.take({
        kind: "delta",
        request: { ...request, typeUrl: typeUrls.secret, resourceNamesSubscribe: names, resourceNamesUnsubscribe: [] },
      });
    ask(["nowhere"]);
    expect(stream.takeSent()).toEqual(["Secret -nowhere"]);
  });

  it("answers a name that is asked for again although the version is known", () => {
    const stream = settled([web]);
    const request = { node: undefined, responseNonce: "", errorDetail: undefined, initialResourceVersions: new Map() };
    stream.take({
      kind: "delta",
      request: { ...request, typeUrl: typeUrls.endpoint, resourceNamesSubscribe: ["web"], resourceNamesUnsubscribe: [] },
    });
    expect(stream.takeSent()).toEqual(["ClusterLoadAssignment +web"]);
  });

  it("after a reconnect sends only what differs, and removes what has gone", () => {
    const { proxy, generation } = settled([web, api]);
    const again = new SimulatedStream(proxy, resourcesOf([{ ...web, cluster: 2 }]), generation + 1);
    again.settle();
    expect(again.takeSent()).toEqual([
      "Cluster +web",

      "ClusterLoadAssignment +web",
      "Listener -api-listener",
      "Cluster -api",
    ]);
    expect(again.acknowledged.at(-1)).toBe(generation + 1);
  });

  it("ignores a stale answer", () => {
    const stream = settled([web]);
    stream.push(resourcesOf([{ ...web, route: 2 }]));
    const request = { node: undefined, errorDetail: undefined, initialResourceVersions: new Map() };
    const names = { resourceNamesSubscribe: [], resourceNamesUnsubscribe: [] };
    stream.take({ kind: "delta", request: { ...request, ...names, typeUrl: typeUrls.route, responseNonce: "1" } });
    expect(stream.acknowledged.at(-1)).toBe(1);
    stream.settle();
    expect(stream.acknowledged.at(-1)).toBe(2);
  });
});

describe("refusals", () => {
  it("are not sent again until they change, and later generations are reported as refused too", () => {
    const stream = settled([web]);
    stream.push(resourcesOf([{ ...web, listener: 2, badListener: true }]));
    stream.settle();
    expect(stream.takeSent()).toEqual(["Listener +web-listener"]);
    expect(stream.rejected).toMatchObject([{ typeUrl: typeUrls.listener, generation: 2, resources: [{ name: "web-listener" }] }]);
    stream.push(resourcesOf([{ ...web, listener: 2, badListener: true, endpoints: 2 }]));
    stream.settle();
    expect(stream.takeSent()).toEqual(["ClusterLoadAssignment +web"]);
    expect(stream.rejected.at(-1)).toMatchObject({ typeUrl: typeUrls.listener, generation: 3 });
    expect(stream.acknowledged).toEqual([1]);
    stream.push(resourcesOf([{ ...web, listener: 3, endpoints: 2 }]));
    stream.settle();
    expect(stream.acknowledged).toEqual([1, 4]);
  });

  it("that stand beside another are told with it, each with its own message, until they are mended", () => {
    const stream = settled([web, api]);
    const standing = () => stream.rejected.at(-1)?.standing.map(({ message }) => /web|api/.exec(message)?.[0]);
    stream.push(resourcesOf([{ ...web, listener: 2, badListener: true }, api]));
    stream.settle();
    expect(standing()).toEqual(["web"]);
    stream.push(
      resourcesOf([
        { ...web, listener: 2, badListener: true },
        { ...api, listener: 2, badListener: true },
      ]),
    );
    stream.settle();
    expect(stream.rejected.at(-1)?.resources[0]?.name).toBe("api-listener");
    expect(standing()).toEqual(["web", "api"]);
    stream.push(
      resourcesOf([
        { ...web, listener: 3 },
        { ...api, listener: 2, badListener: true },
      ]),
    );
    stream.settle();
    expect(standing()).toEqual(["api"]);
    expect(stream.rejected.at(-1)).toMatchObject({ generation: 4, isRepeated: true, resources: [{ name: "api-listener" }] });
  });

  it("of a new cluster hold back the route that would send traffic into the void", () => {
    const stream = settled([web, api]);
    const withBadCluster = { name: "new", cluster: 1, endpoints: 1, listener: 1, badCluster: true };
    const rerouted = new Map(resourcesOf([web, api, withBadCluster]));
    const route = resourcesOf([{ ...withBadCluster, route: 2 }])
      .get(typeUrls.route)
      ?.get("new-route");
    if (route) rerouted.set(typeUrls.route, new Map([["web-route", { ...route, name: "web-route" }]]));
    stream.push(rerouted);
    stream.settle();
    expect(stream.takeSent()).toEqual(["Cluster +new", "Listener +new-listener"]);
    expect(stream.proxy.failures).toEqual([]);
  });
});

describe("a proxy that does not answer for its clusters", () => {
  it("gets listeners after a while, and newer clusters", () => {
    const stream = settled([web]);
    stream.push(resourcesOf([web, api]));
    expect(stream.takeSent()).toEqual(["Cluster +api"]);
    for (let tick = 0; tick < 20; tick++) stream.take({ kind: "tick" });
    expect(stream.takeSent()).toEqual(["Listener +api-listener"]);
    stream.push(resourcesOf([web, { ...api, cluster: 2 }]));
    expect(stream.takeSent()).toEqual(["Cluster +api"]);
    stream.settle();
    expect(stream.acknowledged.at(-1)).toBe(stream.generation);
  });
});

describe("bodies", () => {
  it("are shared by streams that take the same step", () => {
    const [one, two] = [settled([web]), settled([web])];
    const next = resourcesOf([{ ...web, route: 2 }]);
    for (const stream of [one, two]) stream.push(next);
    expect(one.sent[0]?.shared).toMatchObject({ part: "both" });
    expect(two.sent[0]?.shared?.part).toBe("both");
  });
});
