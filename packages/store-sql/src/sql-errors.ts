import { MeridianError } from "@meridian/base";
import { UnavailableError } from "@meridian/store";
import { DrizzleQueryError } from "drizzle-orm/errors";

/** SQLSTATE classes (Postgres manual, appendix A) that say something of the server, not of the statement. */
const serverClasses = new Set(["08", "53", "57", "58"]);
/**
 * Database not accepting connections, lock not available, read-only transaction (a standby after a failover), idle-in-transaction
 * and transaction timeout.
 */
const serverStates = new Set(["55000", "55P03", "25006", "25P03", "25P04"]);

/**
 * What may leave this package instead of a driver's error. Drizzle puts the statement and its parameters into the message, and
 * Postgres puts values into `detail`; with us those can be private keys. So neither is passed on, also not as `cause`.
 */
export function publicError(error: unknown, database: string): Error {
  if (error instanceof MeridianError) return error;
  const inner = innermost(error);
  const state = sqlState(inner);
  if (state !== undefined) return errorOfState(state, database);
  const reason = connectionReason(inner);
  if (reason !== undefined) return new UnavailableError(`${database} cannot be reached: ${reason}`);
  // Not from a statement: our own error, without SQL in it.
  if (error instanceof Error && !(error instanceof DrizzleQueryError)) return error;
  return new SqlError("unknown");
}

/** The database refused a statement: our bug, or a schema that is not ours. */
export class SqlError extends Error {
  readonly sqlState: string;

  constructor(sqlState: string) {
    super(`the database refused a statement (SQLSTATE ${sqlState}); the Postgres log has the details`);
    this.name = "SqlError";
    this.sqlState = sqlState;
  }
}

function errorOfState(state: string, database: string): Error {
  const stateClass = state.slice(0, 2);
  if (stateClass === "28") return new UnavailableError(`${database} refused the user or the password (SQLSTATE ${state})`);
  if (state === "3D000") return new UnavailableError(`${database} has no such database: create it, or correct the address`);
  if (serverClasses.has(stateClass) || serverStates.has(state)) {
    return new UnavailableError(`${database} cannot serve this now (SQLSTATE ${state})`);
  }
  return new SqlError(state);
}

/** Drizzle wraps the driver's error. */
function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  return inner;
}

/** Both drivers have the SQLSTATE as `code`. */
function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // The one code of Node that looks like a SQLSTATE.
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && code !== "EPIPE" ? code : undefined;
}

/** Node's code of a broken connection, or what node-postgres says of one; undefined where it is something else. */
function connectionReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Files have a path, connections have not.
  if ("code" in error && typeof error.code === "string" && !("path" in error)) return error.code;
  return /^(Connection |timeout|Client |Cannot use a pool|The server does not support SSL)/.test(error.message)
    ? error.message
    : undefined;
}
