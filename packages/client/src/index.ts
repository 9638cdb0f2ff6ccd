export type {
  ApplyAnswer,
  ApplyRequest,
  CutOffAnswer,
  DataplaneOverviewAnswer,
  DiffAnswer,
  ExplainAnswer,
  ExplainRequest,
  FeedChange,
  FeedLine,
  HistoryAnswer,
  HistoryChangeAnswer,
  HistoryEntryAnswer,
  IndexAnswer,
  Lag,
  ListAnswer,
  PlanAnswer,
  PlanLineAnswer,
  PlanRequest,
  ResourceAnswer,
  ResourceChangeAnswer,
  ResourceDiffAnswer,
  ResourceKindAnswer,
  RevisionAnswer,
  RollbackAnswer,
  RollbackRequest,
  ZoneOverviewAnswer,
} from "./answers.ts";
export { type Client, createClient, type ListQuery, type LogQuery, type ResourceAddress } from "./client.ts";
export { ApiFailure, type BadField, UnexpectedAnswer, Unreachable } from "./errors.ts";
export type { RequesterOptions } from "./requester.ts";
export type { TlsOptions } from "./transport.ts";
