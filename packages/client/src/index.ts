export type { ExplainAnswer, ExplainRequest } from "./answers/explain.ts";
export type {
  DiffAnswer,
  FeedChange,
  FeedLine,
  HistoryAnswer,
  HistoryChangeAnswer,
  HistoryEntryAnswer,
  ResourceChangeAnswer,
  ResourceDiffAnswer,
  RevisionAnswer,
  RollbackAnswer,
  RollbackRequest,
} from "./answers/history.ts";
export type { DataplaneOverviewAnswer, Lag, ZoneOverviewAnswer } from "./answers/overviews.ts";
export type { CutOffAnswer, PlanAnswer, PlanLineAnswer, PlanRequest } from "./answers/plan.ts";
export type {
  ApplyAnswer,
  ApplyRequest,
  IndexAnswer,
  ListAnswer,
  ResourceAnswer,
  ResourceKindAnswer,
} from "./answers/resources.ts";
export { type Client, createClient, type ListQuery, type LogQuery, type ResourceAddress } from "./client.ts";
export { ApiFailure, type BadField, UnexpectedAnswer, Unreachable } from "./errors.ts";
export type { RequesterOptions } from "./requester.ts";
export type { TlsOptions } from "./transport.ts";
