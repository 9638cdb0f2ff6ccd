export { type LmdbStoreOptions, openLmdbStore } from "./open-lmdb.ts";
