import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  hostPortSetting,
  integerSetting,
  MeridianError,
  type SettingTable,
  textSetting,
} from "@meridian/base";
import type { RunDataplaneOptions } from "@meridian/dataplane";
import { Command } from "commander";
import { runCommand } from "./run-command.ts";
import { version } from "./version.ts";

const dataplaneSettings = {
  cp: { type: textSetting, description: "https://HOST:5678 of the zone control plane" },
  caCertFile: { type: textSetting, description: "PEM of the CA that signed the control plane's certificate" },
  proxyType: {
    type: choiceSetting("dataplane", "ingress", "egress"),
    default: "dataplane" as const,
    description: "what this proxy is",
  },
  dataplaneFile: {
    type: textSetting,
    description: "the resource that this proxy brings: a template with {{ name }} for variables",
  },
  dataplaneVar: { type: textSetting, description: "k=v for the template; may be given several times" },
  name: { type: textSetting, description: "name of a resource that the control plane knows already" },
  mesh: { type: textSetting, description: "mesh of that resource" },
  tokenFile: { type: textSetting, description: "file that holds the proxy's token" },
  workDir: { type: textSetting, description: "for the bootstrap and sockets; its path must be short" },
  envoyPath: { type: textSetting, description: "the Envoy to run; else ENVOY_PATH, PATH, or one that is fetched once" },
  envoyLogLevel: { type: textSetting, default: "warning", description: "log level of Envoy" },
  concurrency: { type: integerSetting, description: "worker threads of Envoy" },
  readinessListen: { type: hostPortSetting, description: "where GET /ready is served (127.0.0.1:9902)" },
  readinessPort: { type: integerSetting, description: "the port alone; 0 serves none" },
  dnsListen: {
    type: hostPortSetting,
    description:
      "where DNS is answered for the workload (127.0.0.1:15053 where its connections are redirected); names of the mesh first",
  },
  dnsEnvoyPort: { type: integerSetting, default: 15_054, description: "where Envoy answers names of the mesh, on 127.0.0.1" },
  noDns: { type: booleanSetting, default: false, description: "answer no DNS" },
  bindOutbounds: {
    type: booleanSetting,
    default: false,
    description: "listen at the addresses of services themselves, without a redirect: they must be addresses of this host",
  },
  metricsCertFile: { type: textSetting, description: "PEM with which metrics are served where a policy asks for ProvidedTLS" },
  metricsKeyFile: { type: textSetting, description: "PEM of its key" },
  drainTime: { type: durationSetting, default: 30_000, description: "how long connections may finish after the stop signal" },
  logLevel: {
    type: choiceSetting("trace", "debug", "info", "warn", "error", "silent"),
    default: "info" as const,
    description: "how much is logged",
  },
  noDrain: { type: booleanSetting, default: false, description: "stop at once" },
} satisfies SettingTable;

/** `meridian dataplane run` */
export function dataplaneCommand(): Command {
  const run = runCommand({
    name: "run",
    description: "run Envoy beside a workload, as zone ingress or as zone egress",
    settings: dataplaneSettings,
    start: async (values, { logger, fatal }) => {
      const { runDataplane } = await import("@meridian/dataplane");
      const { cp } = values;
      if (cp === undefined)
        throw new MeridianError("NO_CONTROL_PLANE", "--cp https://HOST:5678 says which control plane this proxy belongs to");
      const stop = new AbortController();
      const cutDrain = new AbortController();
      const readiness =
        values.readinessListen ??
        (values.readinessPort === undefined ? undefined : { host: "127.0.0.1", port: values.readinessPort });
      const options: RunDataplaneOptions = {
        ...{ logger, version, controlPlaneUrl: cp, cutDrain: cutDrain.signal, environment: process.env },
        proxyType: values.proxyType,
        dataplaneVars: parseVars(values.dataplaneVar),
        drainTimeMs: values.noDrain ? 0 : values.drainTime,
        envoyLogLevel: values.envoyLogLevel,
        ...(values.caCertFile !== undefined && { caCertFile: values.caCertFile }),
        ...(values.dataplaneFile !== undefined && { dataplaneFile: values.dataplaneFile }),
        ...(values.name !== undefined && { name: values.name }),
        ...(values.mesh !== undefined && { mesh: values.mesh }),
        ...(values.tokenFile !== undefined && { tokenFile: values.tokenFile }),
        ...(values.workDir !== undefined && { workDirectory: values.workDir }),
        ...(values.envoyPath !== undefined && { envoyPath: values.envoyPath }),
        ...(values.concurrency !== undefined && { concurrency: values.concurrency }),
        ...(readiness && { readiness }),
        ...(values.dnsListen && { dns: { ...values.dnsListen, envoyPort: values.dnsEnvoyPort } }),
        ...(values.noDns && { dns: "off" as const }),
        bindOutbounds: values.bindOutbounds,
        ...metricsTls(values),
      };
      const running = runDataplane(options, stop.signal);
      running.catch(fatal);
      return {
        stop: async () => {
          // A second Ctrl-C ends the drain.
          process.once("SIGINT", () => cutDrain.abort());
          stop.abort();
          await running.catch(() => {});
        },
      };
    },
  });
  return new Command("dataplane").description("data planes").addCommand(run);
}

/** @throws MeridianError METRICS_TLS when one of the two is missing */
function metricsTls(values: MetricsTlsValues): Pick<RunDataplaneOptions, "metricsTls"> {
  const { metricsCertFile: certFile, metricsKeyFile: keyFile } = values;
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined)
    throw new MeridianError("METRICS_TLS", "--metrics-cert-file and --metrics-key-file go together");
  return { metricsTls: { certFile, keyFile } };
}

interface MetricsTlsValues {
  readonly metricsCertFile: string | undefined;
  readonly metricsKeyFile: string | undefined;
}

/** `k=v`; several are joined with commas by the settings loader. @throws MeridianError DATAPLANE_VAR */
function parseVars(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new MeridianError("DATAPLANE_VAR", `--dataplane-var takes name=value, not ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
