export type { InsightFeed, ReconcilerOptions } from "./ports.ts";
export { Reconciler } from "./reconciler.ts";
export { vipGuard } from "./state/state.ts";
