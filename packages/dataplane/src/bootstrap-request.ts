import { resolve } from "node:path";
import type { HostFacts } from "./host-facts.ts";
import type { RunDataplaneOptions } from "./options.ts";
import type { ProxyResource } from "./resource-file.ts";

export interface BootstrapFacts {
  readonly proxy: ProxyResource;
  readonly host: HostFacts;
  /** As it is now: trimmed, empty when there is none. `path` is that of the secret from which Envoy reads it; "": none. */
  readonly token: { readonly value: string; readonly path: string };
  /** PEM; empty when the system's CAs are trusted. */
  readonly caPem: string;
  readonly workDirectory: string;
  readonly readinessPort: number;
  /** Where Envoy is to answer DNS; 0: nowhere. */
  readonly dnsPort: number;
  /** What runs beside Envoy, in feature strings of dataplane-protocol.md section 5. */
  readonly companionFeatures: readonly string[];
  readonly envoyVersion: { readonly version: string; readonly build: string };
}

/**
 * The body of `POST /bootstrap` (dataplane-protocol.md section 2): the peer's fields, and `tokenSecretPath`. It holds the token: keep it out
 * of logs.
 */
export function bootstrapRequestBody(options: RunDataplaneOptions, facts: BootstrapFacts): string {
  const { proxy, host } = facts;
  return JSON.stringify({
    mesh: proxy.mesh,
    name: proxy.name,
    proxyType: options.proxyType,
    dataplaneToken: facts.token.value,
    dataplaneTokenPath: options.tokenFile ?? "",
    tokenSecretPath: readsTokenSecrets(facts.envoyVersion.version) ? facts.token.path : "",
    dataplaneResource: proxy.resourceJson,
    version: {
      kumaDp: { version: options.version, gitTag: "", gitCommit: "", buildDate: "" },
      envoy: { ...facts.envoyVersion, kumaDpCompatible: true },
    },
    caCert: facts.caPem,
    dynamicMetadata: {},
    dnsPort: facts.dnsPort,
    readinessPort: facts.readinessPort,
    appProbeProxyDisabled: false,
    operatingSystem: process.platform,
    features: [
      ...["feature-delta-grpc", "feature-strict-inbound-ports", "feature-reuse-port"],
      ...(options.bindOutbounds ? ["feature-bind-outbounds"] : []),
      ...facts.companionFeatures,
    ],
    resources: { maxHeapSizeBytes: host.maxHeapSizeBytes },
    workdir: facts.workDirectory,
    metricsResources: metricsResources(options),
    systemCaPath: host.systemCaPath,
    ipv6Enabled: true,
  });
}

/** Seen with 1.40; an older Envoy keeps the token that it was started with. */
function readsTokenSecrets(envoyVersion: string): boolean {
  const [major = 0, minor = 0] = envoyVersion.split(".").map(Number);
  return major > 1 || (major === 1 && minor >= 40);
}

/** Envoy reads them by itself, wherever it runs. */
function metricsResources({ metricsTls }: RunDataplaneOptions): object {
  if (!metricsTls) return { certPath: "", keyPath: "" };
  return { certPath: resolve(metricsTls.certFile), keyPath: resolve(metricsTls.keyFile) };
}

/** What a proxy that stops tells its control plane, so that nobody is sent to it any more. */
export function goodbyeBody(options: RunDataplaneOptions, facts: BootstrapFacts): string {
  const { mesh, name } = facts.proxy;
  return JSON.stringify({ mesh, name, proxyType: options.proxyType, dataplaneToken: facts.token.value });
}
