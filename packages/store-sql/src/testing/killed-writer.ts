import { silentLogger, systemClock } from "@meridian/base";
import { writeUntilKilled } from "@meridian/store/conformance/write-until-killed";
import { openPgliteStore } from "../open-pglite.ts";

// Started and killed by pglite-kill.real.test.ts.
await writeUntilKilled(await openPgliteStore({ directory: process.argv[2] ?? "", logger: silentLogger, clock: systemClock }));
