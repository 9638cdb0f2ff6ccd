import { delay } from "@meridian/base";
import type { ControlPlane } from "./control-plane.ts";
import { trafficPermission } from "./documents.ts";

interface Written {
  /** Number of the newest write that was acknowledged, and of the newest that was tried. */
  acknowledged: number;
  attempted: number;
}

const resourceCount = 20;

/** Writes without a pause, and remembers what was acknowledged: that must never be lost. */
export class Writer {
  readonly #global: ControlPlane;
  readonly #written = new Map<string, Written>();
  readonly #refusals = new Set<string>();
  readonly #running: Promise<void>;
  #stopped = false;
  #count = 0;
  #acknowledged = 0;

  constructor(global: ControlPlane) {
    this.#global = global;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** How many writes were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Answers other than success and 503: none of them is a right answer to a good write. */
  get refusals(): readonly string[] {
    return [...this.#refusals];
  }

  /** What is missing or older than acknowledged, in what a control plane lists; empty when nothing was lost. */
  lostIn(items: readonly { readonly [field: string]: unknown }[]): readonly string[] {
    const held = new Map(items.map((item) => [displayName(item), writeNumber(item)]));
    return [...this.#written].flatMap(([name, { acknowledged, attempted }]) => {
      if (acknowledged === 0) return [];
      const number = held.get(name) ?? 0;
      return number >= acknowledged && number <= attempted
        ? []
        : [`${name}: write ${acknowledged} was acknowledged, ${number} is there, ${attempted} was tried last`];
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#count += 1;
      await this.#write(`chaos-${this.#count % resourceCount}`, this.#count);
    }
  }

  async #write(name: string, number: number): Promise<void> {
    const written = this.#written.get(name) ?? { acknowledged: 0, attempted: 0 };
    this.#written.set(name, written);
    written.attempted = number;
    try {
      const document = trafficPermission(`write-${number}`, "somebody", name);
      const { status, body } = await this.#global.put(`/meshes/default/traffic-permissions/${name}`, document);
      if (status < 300) {
        written.acknowledged = number;
        this.#acknowledged += 1;
      } else if (status !== 503) this.#refusals.add(`${status} ${body}`);
    } catch {
      // No answer: the write may or may not have happened.
      await delay(20);
    }
  }
}

function displayName(item: { readonly [field: string]: unknown }): string {
  const labels = item["labels"] as Readonly<Record<string, string>> | undefined;
  return labels?.["kuma.io/display-name"] ?? String(item["name"]);
}

function writeNumber(item: { readonly [field: string]: unknown }): number {
  return Number(/write-(\d+)/.exec(JSON.stringify(item["sources"]))?.[1] ?? 0);
}
