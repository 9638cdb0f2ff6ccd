import { answer, type Json, jsonBody, ref } from "./kind-paths.ts";
import { get, queryParameter } from "./shared.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const anyObject = { type: "object" };
const logFilter: readonly Json[] = ["kind", "mesh", "exactName"].map((name) => ({ $ref: `#/components/parameters/${name}` }));

/** What reads of the log and rollbacks take and answer. */
export const historySchemas: Json = {
  RollbackRequest: {
    type: "object",
    required: ["revision"],
    properties: {
      revision: { ...whole, minimum: 1 },
      only: {
        type: "array",
        minItems: 1,
        items: { type: "object", required: ["type", "name"], properties: { type: text, mesh: text, name: text } },
      },
      message: text,
      dryRun: { type: "boolean" },
    },
  },
  RollbackAnswer: {
    type: "object",
    required: ["revision", "restored", "undoneTo", "results", "leftAlone"],
    properties: {
      revision: { ...whole, description: "The revision that the rollback made; the newest one where nothing had to change." },
      restored: whole,
      undoneTo: { ...whole, description: "Revisions after `restored` up to this one are undone." },
      dryRun: { type: "boolean" },
      results: { type: "array", items: ref("LoggedChange") },
      leftAlone: {
        type: "array",
        description: "What differs and stays: it belongs to zones, or to control planes.",
        items: {
          type: "object",
          required: ["type", "reason", "count"],
          properties: { type: text, reason: text, count: whole },
        },
      },
      diffs: { type: "array", items: ref("ResourceDiff"), description: "Only of a dry run." },
      warnings: { type: "array", items: text },
    },
  },
  LoggedChange: {
    type: "object",
    required: ["type", "name", "outcome"],
    properties: {
      op: { enum: ["put", "delete"] },
      outcome: { enum: ["created", "updated", "unchanged", "deleted", "absent"] },
      type: text,
      mesh: text,
      name: text,
    },
  },
  ResourceDiff: {
    allOf: [
      ref("LoggedChange"),
      { type: "object", required: ["diff"], properties: { diff: { ...text, description: "Unified diff of the YAML." } } },
    ],
  },
  RevisionInfo: {
    type: "object",
    required: ["revision", "time", "author"],
    properties: { revision: whole, time: { ...text, format: "date-time" }, author: text, address: text, message: text },
  },
  HistoryAnswer: {
    type: "object",
    required: ["items", "before", "compactedTo"],
    properties: {
      items: {
        type: "array",
        items: {
          allOf: [
            ref("RevisionInfo"),
            {
              type: "object",
              required: ["changes", "changeCount"],
              properties: { changes: { type: "array", items: ref("HistoryChange") }, changeCount: whole },
            },
          ],
        },
      },
      before: { type: ["integer", "null"], description: "`before` of the next page." },
      compactedTo: { ...whole, description: "The log begins after this revision." },
    },
  },
  HistoryChange: {
    allOf: [
      ref("LoggedChange"),
      {
        type: "object",
        properties: {
          fields: {
            type: "array",
            description: "What an update changed, where one resource was asked for; values as short text.",
            items: { type: "object", required: ["path"], properties: { path: text, before: text, after: text } },
          },
          fieldCount: whole,
        },
      },
    ],
  },
  DiffAnswer: {
    type: "object",
    required: ["from", "to", "total", "items", "nextOffset"],
    properties: {
      from: whole,
      to: whole,
      total: whole,
      items: { type: "array", items: ref("ResourceDiff") },
      nextOffset: { type: ["integer", "null"] },
    },
  },
};

export const historyPaths: Json = {
  "/changes": get(
    "changes",
    "The change feed",
    [
      queryParameter("after", { type: ["integer", "string"] }, "Changes after this revision, or `newest`."),
      queryParameter("wait", { type: "boolean" }, "Stream."),
      ...logFilter,
    ],
    { ...jsonBody(anyObject), "application/x-ndjson": { schema: anyObject } },
  ),
  "/history": get(
    "history",
    "Who changed what, newest first",
    [
      ...logFilter,
      queryParameter("size", whole, "Revisions of a page."),
      queryParameter("before", whole, "Only older revisions."),
    ],
    jsonBody(ref("HistoryAnswer")),
  ),
  "/history/{revision}": {
    parameters: [{ name: "revision", in: "path", required: true, schema: whole }],
    ...get("revision", "One revision, with what was before and after", [], jsonBody(ref("RevisionInfo"))),
  },
  "/diff": get(
    "diff",
    "What differs between two revisions, per resource as a unified diff",
    [
      { ...queryParameter("from", whole, "The one revision."), required: true },
      queryParameter("to", whole, "The other one; default: the newest."),
      ...logFilter,
      queryParameter("size", whole, "Resources of a page."),
      queryParameter("offset", whole, "Where the page starts: `nextOffset` of the page before."),
    ],
    jsonBody(ref("DiffAnswer")),
  ),
  "/rollback": {
    post: {
      operationId: "rollback",
      summary: "Make what users own what it was at a revision, as one new revision",
      requestBody: { required: true, content: jsonBody(ref("RollbackRequest")) },
      responses: {
        "200": answer("What became of each resource", ref("RollbackAnswer")),
        "400": answer("What was then is not valid now: nothing was written", ref("Error")),
        "404": { $ref: "#/components/responses/NotFound" },
        "410": { $ref: "#/components/responses/Gone" },
      },
    },
  },
};
