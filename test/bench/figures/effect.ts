import { Agent, createServer, get, type Server } from "node:http";
import { findEnvoy } from "@meridian/dataplane";
import { type ControlPlanes, portsOf, startControlPlanes } from "../control-planes.ts";
import { Plane, workDirectory } from "../planes.ts";
import { ms, quantile, type Row } from "../table.ts";
import { meshDocument, permissionDocument } from "../world.ts";

const client = { host: "127.0.11.1", inbound: 8080, application: 18080, outbound: 9000 };
const servers = [
  { version: "v1", host: "127.0.12.1" },
  { version: "v2", host: "127.0.12.2" },
];
const ingress = { host: "127.0.12.10", port: 10001 };

/** PUT of a route at the global → its effect seen in a response through Envoy in the remote zone; `rounds` times, back and forth. */
export async function measureEffect(rounds: number): Promise<readonly Row[]> {
  const planes = await startControlPlanes(["east", "west"]);
  const directory = workDirectory();
  const envoy = await findEnvoy({});
  const upstreams = servers.map((server) => answering(server.host, client.application, server.version));
  const proxies: Plane[] = [];
  try {
    await planes.put("/meshes/default", meshDocument);
    await planes.put("/meshes/default/traffic-permissions/all", permissionDocument);
    await planes.put("/meshes/default/traffic-routes/canary", route("v1"));
    proxies.push(...(await startProxies(planes, directory, envoy)));
    const url = `http://${client.host}:${client.outbound}/`;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await seen(url, agent, "v1");
    // While the mesh starts, listeners are still replaced, and a connection stays with the one that it came by until that has drained.
    for (const version of ["v2", "v1"]) {
      await planes.put("/meshes/default/traffic-routes/canary", route(version));
      await seen(url, agent, version);
    }
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const version = round % 2 === 0 ? "v2" : "v1";
      const startedMs = performance.now();
      const [, atMs] = await Promise.all([
        planes.put("/meshes/default/traffic-routes/canary", route(version)),
        seen(url, agent, version),
      ]);
      samples.push(atMs - startedMs);
    }
    const bare = await bareRequest(url, agent);
    const p50 = quantile(samples, 0.5);
    const p99 = quantile(samples, 0.99);
    const floor = `${ms(bare)} a request alone`;
    return [
      {
        what: `global PUT → seen through Envoy in the other zone, p50 of ${rounds}`,
        n: undefined,
        measured: ms(p50),
        floor,
        bar: "≤ 15 ms",
        met: p50 <= 15,
      },
      {
        what: `… p99 (worst ${ms(Math.max(...samples))})`,
        n: undefined,
        measured: ms(p99),
        floor,
        bar: "≤ 50 ms",
        met: p99 <= 50,
      },
    ];
  } finally {
    for (const proxy of proxies) await proxy.stop();
    for (const upstream of upstreams) upstream.close();
    await planes.stop();
    directory.remove();
  }
}

async function startProxies(
  planes: ControlPlanes,
  directory: ReturnType<typeof workDirectory>,
  envoyPath: string,
): Promise<readonly Plane[]> {
  const zoneToken = directory.file(
    "zone.token",
    await planes.post("/tokens/zone", { zone: "east", scope: ["ingress"], validFor: "1h" }),
  );
  const token = directory.file(
    "dp.token",
    await planes.post("/tokens/dataplane", { mesh: "default", name: "", tags: {}, type: "dataplane", validFor: "1h" }),
  );
  const plans = [
    ...servers.map((server) => ({
      name: `benigno-${server.version}`,
      zone: 0,
      type: "dataplane",
      token,
      document: dataplane(`benigno-${server.version}`, server),
    })),
    {
      name: "magnanimo",
      zone: 1,
      type: "dataplane",
      token,
      document: dataplane("magnanimo", { host: client.host, version: "v1" }),
    },
    { name: "ingress-east", zone: 0, type: "ingress", token: zoneToken, document: zoneIngress() },
  ];
  const started = plans.map((plan, index) => {
    const file = directory.file(`${plan.name}.yaml`, JSON.stringify(plan.document));
    const readiness = 25_200 + index;
    return new Plane(
      [
        "dataplane",
        "run",
        "--cp",
        `https://127.0.0.1:${portsOf(plan.zone).dataPlane}`,
        "--ca-cert-file",
        planes.zoneCertificate(plan.zone),
      ]
        .concat([
          "--dataplane-file",
          file,
          "--token-file",
          plan.token,
          "--proxy-type",
          plan.type,
          "--concurrency",
          "1",
          "--drain-time",
          "0s",
        ])
        .concat(["--readiness-port", String(readiness), "--envoy-path", envoyPath]),
      { api: 0, diagnostics: readiness },
      `${directory.path}/${plan.name}.log`,
    );
  });
  for (const proxy of started) await proxy.ready();
  return started;
}

function dataplane(name: string, at: { readonly host: string; readonly version: string }): object {
  const service = name.startsWith("benigno") ? "benigno" : name;
  return {
    type: "Dataplane",
    mesh: "default",
    name,
    networking: {
      address: at.host,
      inbound: [
        {
          port: client.inbound,
          servicePort: client.application,
          serviceAddress: at.host,
          tags: { "kuma.io/service": service, "kuma.io/protocol": "http", version: at.version },
        },
      ],
      ...(service === "magnanimo" && {
        outbound: [{ address: client.host, port: client.outbound, tags: { "kuma.io/service": "benigno" } }],
      }),
    },
  };
}

function zoneIngress(): object {
  return {
    type: "ZoneIngress",
    name: "ingress-east",
    networking: { address: ingress.host, port: ingress.port, advertisedAddress: ingress.host, advertisedPort: ingress.port },
  };
}

function route(version: string): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "canary",
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "benigno" } }],
    conf: {
      split: servers.map((server) => ({
        weight: server.version === version ? 100 : 0,
        destination: { "kuma.io/service": "benigno", version: server.version },
      })),
    },
  };
}

function answering(host: string, port: number, text: string): Server {
  return createServer((_request, response) => response.end(text)).listen(port, host);
}

/** Asks, one request after the other on one connection, until the answer is `wanted`; the time of that answer. */
async function seen(url: string, agent: Agent, wanted: string): Promise<number> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const answer = await ask(url, agent);
    if (answer === wanted) return performance.now();
    // A client that asks without a pause would take the CPU from what it measures.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (performance.now() > deadlineMs) throw new Error(`no answer of ${wanted} within 30 s; the last one: ${answer}`);
  }
}

async function bareRequest(url: string, agent: Agent): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const startedMs = performance.now();
    await ask(url, agent);
    samples.push(performance.now() - startedMs);
  }
  return quantile(samples, 0.5);
}

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    request.on("error", (error) => resolve(error.message));
  });
}
