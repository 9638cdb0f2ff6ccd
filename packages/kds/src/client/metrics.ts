import { Counter, Gauge, type Registry } from "@meridian/base";
import type { LinkState } from "../ports.ts";

export interface ClientMetrics {
  readonly attempts: Counter;
  readonly bytesReceived: Counter;
}

export function createClientMetrics(registry: Registry, state: () => LinkState): ClientMetrics {
  const registers = [registry];
  new Gauge({
    name: "meridian_kds_connected",
    help: "1 while the zone is connected to its global.",
    registers,
    collect() {
      this.set(state().state === "connected" ? 1 : 0);
    },
  });
  new Gauge({
    name: "meridian_kds_global_revision",
    help: "The newest revision of the global that the zone holds.",
    registers,
    collect() {
      this.set(state().globalRevision);
    },
  });
  return {
    attempts: new Counter({ name: "meridian_kds_connection_attempts_total", help: "Attempts to reach the global.", registers }),
    bytesReceived: new Counter({
      name: "meridian_kds_bytes_received_total",
      help: "Bytes received in ended connections.",
      registers,
    }),
  };
}
