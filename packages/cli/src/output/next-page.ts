import type { ListAnswer } from "@meridian/client";
import type { CommandContext } from "../command.ts";

/** Tells how to go on where a list is longer than its page. */
export function tellNextPage(page: ListAnswer<unknown>, output: CommandContext["io"]["stderr"]): void {
  if (page.next === null) return;
  const offset = new URL(page.next).searchParams.get("offset");
  output.write(`${page.total} in all; the next page: --offset ${offset}\n`);
}
