import { randomBytes } from "node:crypto";
import pg from "pg";
import { startFreezableProxy } from "./freezable-proxy.ts";
import type { TestPostgres } from "./test-postgres.ts";

/**
 * A database of its own on a server that others use too. Such a server is neither restarted nor frozen: its database refuses
 * connections and loses those that it has, which is what a client sees of a restart, and a proxy before it freezes.
 */
export async function useSharedServer(serverUrl: string, stopServer?: () => Promise<void>): Promise<TestPostgres> {
  const database = `meridian_test_${randomBytes(6).toString("hex")}`;
  const url = new URL(serverUrl);
  const proxy = await startFreezableProxy(url.hostname, Number(url.port || "5432"));
  url.pathname = `/${database}`;
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);

  async function admin(...statements: readonly string[]): Promise<void> {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  const disconnectAll = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`;
  async function shutDown(): Promise<void> {
    await admin(`alter database ${database} allow_connections false`, disconnectAll);
  }
  async function bringUp(): Promise<void> {
    await admin(`alter database ${database} allow_connections true`);
  }

  await admin(`create database ${database}`);
  return {
    url: url.href,
    shutDown,
    bringUp,
    pause: proxy.pause,
    resume: proxy.resume,
    async restart() {
      await shutDown();
      await bringUp();
    },
    async stop() {
      await proxy.stop();
      await admin(`drop database if exists ${database} with (force)`);
      await stopServer?.();
    },
  };
}
