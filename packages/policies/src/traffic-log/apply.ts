import type { MeshSpec } from "@meridian/model";
import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import type { Decision, OutboundHooks, ProxyHooks } from "../core/effects/hooks.ts";
import type { OutboundDecisionInput } from "../core/effects/targets.ts";
import type { LogBackend } from "../core/observability/log-backend.ts";
import { type AccessLogConf, accessLogConf, accessLoggers, addLoggers, logPipe, noPipe } from "../core/observability/loggers.ts";
import { addPassthroughLogs, passthroughOutbound } from "../core/observability/passthrough-logs.ts";
import { ownAddressValues } from "../core/observability/placeholders.ts";
import type { ProxySubject } from "../core/types.ts";
import type { TrafficLogSpec } from "./schema.ts";

/** Access logs of the client, to a backend of the Mesh (reference: resources-legacy.md section 3). */
export const outboundTrafficLogs: OutboundHooks<AccessLogConf> = {
  decide,
  chain: (chain, conf, { mesh, service }) => {
    // The peer leaves the zone open here.
    const values = { mesh, zone: "", destination: service, direction: "OUTBOUND", ...ownAddressValues } as const;
    return addLoggers(chain, (isHttp) => accessLoggers(conf, values, { isHttp }));
  },
};

export const passthroughTrafficLogs: ProxyHooks<AccessLogConf> = {
  editsOnly: true,
  decide: (input) => decide({ ...input, ...passthroughOutbound }),
  resources: (resources, conf, { mesh }) => addPassthroughLogs(resources, conf, { mesh, zone: "" }),
};

function decide(input: OutboundDecisionInput): Decision<AccessLogConf> | undefined {
  const { subject, world } = input;
  const decision = decideLegacyOutbound<TrafficLogSpec, TrafficLogSpec>(input, (spec) => spec);
  if (!decision) return undefined;
  const { origins } = decision;
  const name = decision.conf.conf?.backend || world.mesh.logging?.defaultBackend || "";
  const backend = findBackend(name, world.mesh, subject);
  if (typeof backend !== "string") return { conf: { ...accessLogConf([backend], subject), workload: "" }, origins };
  return { conf: { backends: [] }, origins, notes: origins.map((policy) => ({ policy, message: backend })) };
}

/** A text says why there is none. */
function findBackend(name: string, { logging }: MeshSpec, subject: ProxySubject): LogBackend | string {
  const backend = logging?.backends?.find((each) => each.name === name);
  if (!backend) return name === "" ? "the Mesh has no default logging backend" : `the Mesh has no logging backend ${name}`;
  const format = backend.format ? { format: { text: backend.format } } : {};
  if (backend.type === "file") return { type: "file", path: backend.conf?.path ?? "", ...format };
  const pipe = logPipe(subject.mesh, subject.self);
  return pipe === undefined ? noPipe : { type: "tcp", pipe, address: backend.conf?.address ?? "", ...format, isLegacy: true };
}
