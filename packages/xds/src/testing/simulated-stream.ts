import type { ProxyResources } from "@meridian/envoy";
import type { Nack } from "../ports.ts";
import { createStreamState, type Response, type StreamState } from "../state.ts";
import { type StreamEvent, step } from "../step.ts";
import { patchBetween } from "./configs.ts";
import type { SimulatedProxy } from "./simulated-proxy.ts";

/** A stream between `step` and a simulated proxy, with both directions as queues that the test moves. */
export class SimulatedStream {
  readonly proxy: SimulatedProxy;
  readonly state: StreamState;
  readonly sent: Response[] = [];
  readonly acknowledged: number[] = [];
  readonly rejected: Nack[] = [];
  desired: ProxyResources;
  generation: number;
  readonly #toProxy: Response[] = [];
  #wake: "turn" | "tick" | undefined;

  constructor(proxy: SimulatedProxy, desired: ProxyResources, generation = 1) {
    this.proxy = proxy;
    this.desired = desired;
    this.generation = generation;
    this.state = createStreamState({ mode: proxy.mode, resources: desired, generation });
    proxy.connect();
  }

  push(next: ProxyResources): void {
    const patch = patchBetween(this.desired, next);
    this.desired = next;
    this.generation += 1;
    this.take({ kind: "push", patch, generation: this.generation });
  }

  take(event: StreamEvent): void {
    const result = step(this.state, event);
    this.sent.push(...result.send);
    this.#toProxy.push(...result.send);
    this.rejected.push(...result.rejected);
    if (result.acknowledged !== undefined) this.acknowledged.push(result.acknowledged);
    this.#wake = result.wake;
  }

  /** Moves one message in one direction, or lets time pass. False when nothing is left to do. */
  advance(preferProxy: boolean): boolean {
    const request = this.proxy.outbox[0];
    const response = this.#toProxy[0];
    if (response && (preferProxy || !request)) this.proxy.receive(this.#toProxy.shift() as Response);
    else if (request) this.take(this.proxy.outbox.shift() as StreamEvent);
    else if (this.#wake) this.take({ kind: this.#wake });
    else return false;
    return true;
  }

  settle(): void {
    for (let moves = 0; this.advance(moves % 2 === 0); moves++) {
      if (moves > 10_000) throw new Error("the stream never comes to rest");
    }
  }

  /** Responses since the last call, as `Cluster +a -b`. */
  takeSent(): string[] {
    return this.sent.splice(0).map(({ typeUrl, resources, removed }) => {
      const type = typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
      const names = resources.map((resource) => `+${resource.name}`);
      return [type, ...names, ...removed.map((name) => `-${name}`)].join(" ");
    });
  }
}
