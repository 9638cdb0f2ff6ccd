/** A Postgres that belongs to one test file. */
export interface TestPostgres {
  /** Of an empty database. */
  readonly url: string;
  /** Takes it away: connections break, new ones are refused. */
  shutDown(): Promise<void>;
  /** Brings it back under the same url, with its data. */
  bringUp(): Promise<void>;
  /** `shutDown`, then `bringUp`. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}
