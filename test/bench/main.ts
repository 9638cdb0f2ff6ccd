// `npm run bench [-- FIGURE …]`: measures the figures of design.md side by side with their transport floors and prints one table.
import { cpus, totalmem } from "node:os";
import { measureApi } from "./figures/api.ts";
import { measureEffect } from "./figures/effect.ts";
import { measureFleet } from "./figures/fleet.ts";
import { measureGeneration } from "./figures/generation.ts";
import { measurePlan } from "./figures/plan.ts";
import { measureWrites } from "./figures/writes.ts";
import { markdown, type Row } from "./table.ts";

const figures: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  effect: () => measureEffect(200),
  "fleet-100": () => measureFleet(100),
  "fleet-500": () => measureFleet(500),
  "fleet-1000": () => measureFleet(1000),
  writes: () => measureWrites(10),
  plan: () => measurePlan(1000),
  api: () => measureApi(),
  generation: () => measureGeneration(1000),
};
/** Not part of a plain run: takes minutes. */
const onRequest: typeof figures = { "fleet-5000": () => measureFleet(5000) };

const asked = process.argv.slice(2);
const known = { ...figures, ...onRequest };
const unknown = asked.filter((name) => !(name in known));
if (asked.includes("--help") || unknown.length > 0) {
  console.log(
    `figures: ${Object.keys(figures).join(", ")} (all of them when none is named); on request: ${Object.keys(onRequest).join(", ")}`,
  );
  process.exit(asked.includes("--help") ? 0 : 2);
}

// Children are ended when this process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const rows: Row[] = [];
for (const name of asked.length > 0 ? asked : Object.keys(figures)) {
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...((await known[name]?.()) ?? []));
}
const [cpu] = cpus();
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpu?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`,
);
console.log(markdown(rows));
process.exit(0);
