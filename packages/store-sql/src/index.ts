export { openPgliteStore, type PgliteStoreOptions } from "./open-pglite.ts";
export { migratePostgres, openPostgresStore, type PostgresStoreOptions } from "./open-postgres.ts";
export { SqlError } from "./sql-errors.ts";
