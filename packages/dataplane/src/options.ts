import type { Logger } from "@meridian/base";

export type ProxyType = "dataplane" | "ingress" | "egress";

/** What `meridian dataplane run` was asked to do. */
export interface RunDataplaneOptions {
  /** `https://HOST:5678`. */
  readonly controlPlaneUrl: string;
  /** PEM file of the CA that signed the control plane's certificate; the system's CAs when absent. */
  readonly caCertFile?: string;
  readonly proxyType: ProxyType;
  /** Template of the resource that this proxy brings. Without it the control plane must know `name` (and `mesh`) already. */
  readonly dataplaneFile?: string;
  /** Values for the template; they win over environment variables. */
  readonly dataplaneVars?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly mesh?: string;
  /** File with the proxy's token; absent where the control plane asks for none. */
  readonly tokenFile?: string;
  /** For the bootstrap and sockets; its path must be short, see `work-directory.ts`, which also picks one when absent. */
  readonly workDirectory?: string;
  readonly envoyPath?: string;
  readonly cacheDirectory?: string;
  /** Envoy's own; "warning" when absent. */
  readonly envoyLogLevel?: string;
  /** Worker threads of Envoy; as many as the cpuset allows when absent. */
  readonly concurrency?: number;
  /** Where `GET /ready` is served; 127.0.0.1:9902 when absent, nowhere with port 0. */
  readonly readiness?: { readonly host: string; readonly port: number };
  /** Where DNS is answered; absent: at the usual place where the workload's connections are redirected, else nowhere. */
  readonly dns?: DnsOptions | "off";
  /** Names the name servers of the host; /etc/resolv.conf when absent. */
  readonly resolvConf?: string;
  /** Listen at the addresses of services themselves, which then have to be addresses of this host: no redirect is needed. */
  readonly bindOutbounds?: boolean;
  /** PEM files with which Envoy serves metrics, where a policy asks for that. */
  readonly metricsTls?: { readonly certFile: string; readonly keyFile: string };
  /** How long connections may finish after the stop signal; 30,000 when absent. */
  readonly drainTimeMs?: number;
  /** Ends the drain at once: a second Ctrl-C. */
  readonly cutDrain?: AbortSignal;
  /** Meridian's own version, shown in insights. */
  readonly version: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

export interface DnsOptions {
  /** For the workload, over UDP and TCP. */
  readonly host: string;
  readonly port: number;
  /** For Envoy, on 127.0.0.1. */
  readonly envoyPort: number;
}

export const defaultDrainTimeMs = 30_000;
export const defaultReadiness = { host: "127.0.0.1", port: 9902 } as const;
