import type { ConvergenceReport } from "@meridian/model";
import type { CliIo } from "../io.ts";
import { styleOf } from "../output/style.ts";
import { describeZone } from "./describe.ts";

/**
 * One line per zone on stderr: rewritten in place on a terminal; elsewhere printed again only when a zone has reached its end, so
 * that a log does not hold a line per proxy.
 */
export class ProgressLines {
  readonly #io: CliIo;
  readonly #printed = new Map<string, string>();
  #height = 0;

  constructor(io: CliIo) {
    this.#io = io;
  }

  show(report: ConvergenceReport): void {
    if (this.#io.isTty) this.#rewrite(report);
    else this.#append(report);
  }

  /** Takes the lines away: the summary says it all. */
  clear(): void {
    if (this.#height > 0) this.#io.stderr.write(`\u001b[${this.#height}A\u001b[J`);
    this.#height = 0;
  }

  #rewrite(report: ConvergenceReport): void {
    this.clear();
    const style = styleOf(this.#io);
    for (const zone of report.zones) this.#io.stderr.write(`  ${describeZone(zone, report.revision, style)}\n`);
    this.#height = report.zones.length;
  }

  #append(report: ConvergenceReport): void {
    const style = styleOf(this.#io);
    for (const zone of report.zones) {
      const line = `  ${describeZone(zone, report.revision, style)}`;
      const isEnd = zone.status !== "online" || zone.convergedRevision >= report.revision;
      const before = this.#printed.get(zone.zone);
      if (before === line || (before !== undefined && !isEnd)) continue;
      this.#printed.set(zone.zone, line);
      this.#io.stderr.write(`${line}\n`);
    }
  }
}
