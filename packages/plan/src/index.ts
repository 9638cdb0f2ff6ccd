export { type PredictOptions, predict, type ZoneProposal } from "./predict.ts";
export type {
  ChangedProxy,
  ChangeGroup,
  CutOff,
  CutOffReason,
  Plan,
  ProposedChange,
  ResourceStep,
  SummaryLine,
  ZoneImpact,
} from "./types.ts";
export { Planner, type PlannerOptions, type PlanRequest } from "./zones/planner.ts";
export { ZoneImage } from "./zones/zone-image.ts";
