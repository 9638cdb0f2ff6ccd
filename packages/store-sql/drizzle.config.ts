import { defineConfig } from "drizzle-kit";

// `npx drizzle-kit generate --config packages/store-sql/drizzle.config.ts --name what-changes`, from the top of the repository.
export default defineConfig({
  dialect: "postgresql",
  schema: "./packages/store-sql/src/schema.ts",
  out: "./migrations",
});
