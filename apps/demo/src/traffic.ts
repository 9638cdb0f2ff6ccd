import { Agent, get } from "node:http";

export interface Answer {
  readonly version: string;
  readonly zone: string;
  readonly caller?: string;
}

/** What was seen so far. */
export interface TrafficCounts {
  total: number;
  errors: number;
  lastError: string | undefined;
  /** `v1 in east` → requests. */
  readonly by: Map<string, number>;
}

/** A steady stream of requests to magnanimo. Each answer is counted and handed to whoever waits for one. */
export class Traffic {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #waiting = new Set<(answer: Answer) => void>();
  #timer: NodeJS.Timeout | undefined;
  counts: TrafficCounts = emptyCounts();

  constructor(url: string) {
    this.#url = url;
  }

  start(requestsPerSecond: number): void {
    this.#timer = setInterval(() => this.#send(), 1000 / requestsPerSecond);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  reset(): void {
    this.counts = emptyCounts();
  }

  /** The first answer from now on that fits. */
  next(fits: (answer: Answer) => boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const look = (answer: Answer): void => {
        if (!fits(answer)) return;
        this.#waiting.delete(look);
        resolve(answer);
      };
      this.#waiting.add(look);
    });
  }

  #send(): void {
    // An answer to a request of an earlier phase must not count in the next one.
    const { counts } = this;
    const request = get(this.#url, { agent: this.#agent, timeout: 5_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () =>
        response.statusCode === 200
          ? this.#count(counts, JSON.parse(body) as Answer)
          : fail(counts, `${response.statusCode} ${body.slice(0, 120)}`),
      );
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", (error) => fail(counts, error.message));
  }

  #count(counts: TrafficCounts, answer: Answer): void {
    counts.total += 1;
    const place = `${answer.version} in ${answer.zone}`;
    counts.by.set(place, (counts.by.get(place) ?? 0) + 1);
    for (const look of [...this.#waiting]) look(answer);
  }
}

function fail(counts: TrafficCounts, reason: string): void {
  counts.total += 1;
  counts.errors += 1;
  counts.lastError = reason;
}

function emptyCounts(): TrafficCounts {
  return { total: 0, errors: 0, lastError: undefined, by: new Map() };
}
