import type { BootstrapOptions } from "../bootstrap.ts";

export const sampleBootstrap: BootstrapOptions = {
  node: {
    id: "default.web-1",
    cluster: "web",
    metadata: {
      "dataplane.proxyType": "dataplane",
      "dataplane.admin.port": "9901",
      features: ["feature-delta-grpc"],
      answer: "no",
    },
  },
  admin: { socketPath: "kuma-envoy-admin.sock" },
  controlPlane: { host: "localhost", port: 5678, caPem: "CA", delta: true },
  token: { value: "TOKEN" },
  accessLogSocketPath: "kuma-al-web-1-default.sock",
};
