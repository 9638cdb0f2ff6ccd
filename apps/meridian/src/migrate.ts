import { createLogger } from "@meridian/base";
import { Command } from "commander";

/** `meridian migrate up`: the same migrations that a start applies, for those who want them apart. */
export function migrateCommand(): Command {
  const up = new Command("up")
    .description("apply the migrations that a Postgres store still lacks")
    .requiredOption("--store <url>", "postgres://USER:PW@HOST/DB")
    .action(async ({ store }: { readonly store: string }) => {
      const { migratePostgres } = await import("@meridian/store-sql");
      await migratePostgres({ url: store, logger: createLogger({ name: "meridian" }) });
      process.stdout.write("the store is up to date\n");
    });
  return new Command("migrate").description("the store's schema").addCommand(up);
}
