import { homedir } from "node:os";
import { join } from "node:path";
import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  hostPortSetting,
  integerSetting,
  type SettingTable,
  textSetting,
} from "@meridian/base";
import { nameSettings } from "./name-settings.ts";

/** Where embedded stores and generated certificates live when nothing else is said. */
export function defaultDirectory(name: string): string {
  return join(homedir(), ".meridian", name);
}

const levels = choiceSetting("trace", "debug", "info", "warn", "error", "fatal", "silent");

/** What both control planes have. */
const controlPlane = {
  apiListen: { type: hostPortSetting, default: { host: "127.0.0.1", port: 5681 }, description: "REST API over HTTP" },
  apiTlsListen: { type: hostPortSetting, description: "REST API over HTTPS (the peer's port is 5682); off when absent" },
  apiTlsCertFile: { type: textSetting, description: "certificate of the HTTPS API; generated when absent" },
  apiTlsKeyFile: { type: textSetting, description: "key of the HTTPS API" },
  apiLocalhostIsAdmin: { type: booleanSetting, default: true, description: "requests from this machine act as admin" },
  diagnosticsListen: {
    type: hostPortSetting,
    default: { host: "127.0.0.1", port: 5680 },
    description: "/ready, /healthy and /metrics",
  },
  workDir: { type: textSetting, description: "generated certificates; the embedded store's directory when absent" },
  noDefaultMesh: { type: booleanSetting, default: false, description: "do not create the mesh default" },
  skipHostnameGenerators: { type: booleanSetting, default: false, description: "do not create the default HostnameGenerators" },
  createMeshRoutingResources: {
    type: booleanSetting,
    default: false,
    description: "give a new mesh a TrafficPermission and a TrafficRoute for everything",
  },
  logLevel: { type: levels, default: "info" as const, description: "how much is logged" },
} satisfies SettingTable;

export const globalSettings = {
  store: {
    type: textSetting,
    default: `embedded:${defaultDirectory("global")}`,
    description: "postgres://USER:PW@HOST/DB, or embedded:DIR",
  },
  ...controlPlane,
  kdsListen: {
    type: hostPortSetting,
    default: { host: "0.0.0.0", port: 5685 },
    description: "websocket for the zones, ws and wss on one port",
  },
  kdsTls: {
    type: choiceSetting("optional", "required", "off"),
    default: "optional" as const,
    description: "whether zones may or must use wss",
  },
  kdsTlsCertFile: { type: textSetting, description: "certificate of the websocket; generated when absent" },
  kdsTlsKeyFile: { type: textSetting, description: "key of the websocket" },
  kdsTlsHosts: {
    type: textSetting,
    default: "",
    description: "further host names and addresses, comma-separated, for the generated certificate",
  },
  kdsHeartbeatInterval: {
    type: durationSetting,
    default: 5_000,
    description: "how often a quiet zone is asked for a sign of life",
  },
  kdsHeartbeatTimeout: { type: durationSetting, default: 15_000, description: "silence after which a zone counts as unknown" },
  historyRevisions: { type: integerSetting, default: 100_000, description: "revisions kept in the change log" },
} satisfies SettingTable;

export const zoneSettings = {
  name: { type: textSetting, description: "name of the zone; that of its token when absent, else default" },
  global: { type: textSetting, description: "ws://HOST:5685 or wss://HOST:5685; without it the zone serves a mesh of its own" },
  token: { type: textSetting, secret: true, description: "zone token" },
  tokenFile: { type: textSetting, description: "file that holds the zone token" },
  globalCaFile: { type: textSetting, description: "PEM of the CA that signed the global's certificate" },
  globalSkipVerify: {
    type: booleanSetting,
    default: false,
    description: "do not check the global's certificate (not for production)",
  },
  store: { type: textSetting, description: "embedded:DIR or postgres://…; embedded in the home directory when absent" },
  ...controlPlane,
  madsListen: {
    type: hostPortSetting,
    description: "discovery of proxies for a Prometheus with kuma_sd_configs (0.0.0.0:5676); off when absent",
  },
  dpListen: {
    type: hostPortSetting,
    default: { host: "0.0.0.0", port: 5678 },
    description: "data plane server: bootstrap and ADS over TLS",
  },
  dpTlsCertFile: { type: textSetting, description: "certificate of the data plane server; generated when absent" },
  dpTlsKeyFile: { type: textSetting, description: "key of the data plane server" },
  dpTlsHosts: {
    type: textSetting,
    default: "",
    description: "further host names and addresses, comma-separated, for the generated certificate",
  },
  dpAuth: { type: choiceSetting("token", "none"), default: "token" as const, description: "how data planes prove who they are" },
  dpDeregistrationDelay: {
    type: durationSetting,
    default: 500,
    description: "how long a data plane that lost its stream may take to come back before its endpoint goes",
  },
  meshServiceDeletionGracePeriod: {
    type: durationSetting,
    default: 3_600_000,
    description: "how long a generated MeshService or Workload outlives the last data plane behind it",
  },
  ...nameSettings,
  dpRegistrationTimeout: {
    type: durationSetting,
    default: 60_000,
    description: "how long after a start data planes that registered earlier may take to come back before they are removed",
  },
  insightInterval: { type: durationSetting, default: 1_000, description: "shortest time between two writes of one insight" },
  kdsHeartbeatInterval: { type: durationSetting, default: 5_000, description: "how often a quiet link is tested" },
  kdsHeartbeatTimeout: { type: durationSetting, default: 15_000, description: "silence after which the link is dialled again" },
} satisfies SettingTable;
