import { silentLogger, systemClock } from "@meridian/base";
import { writeUntilKilled } from "@meridian/store/conformance/write-until-killed";
import { openLmdbStore } from "../open-lmdb.ts";

// Started and killed by kill.real.test.ts.
await writeUntilKilled(await openLmdbStore({ directory: process.argv[2] ?? "", logger: silentLogger, clock: systemClock }));
