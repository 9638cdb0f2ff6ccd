import { answer, jsonBody, operation, parameter, path, queryParameter } from "./operation.ts";
import { anyObject, count, type Json, list, object, record, ref, text, texts, time, whole, yes } from "./schema.ts";

const logFilter: readonly Json[] = ["kind", "mesh", "exactName"].map(parameter);
const outcome = { enum: ["created", "updated", "unchanged", "deleted", "absent"] };
const change: Json = { op: { enum: ["put", "delete"] }, outcome, type: text, mesh: text, name: text };
const changeFields = ["op", "outcome", "type", "name"];
const diff = { ...text, description: "Unified diff of the YAML." };
const info: Json = { revision: whole, time, author: text, address: text, message: text };
const infoFields = ["revision", "time", "author"];
const loggedDocument = { ...anyObject, description: "The document, as GET answers it; a secret's data for administrators only." };
const changedField = object(["path"], { path: text, before: text, after: text });

/** What reads of the log and rollbacks take and answer. */
export const historySchemas: Json = {
  RollbackRequest: object(["revision"], {
    revision: { ...whole, minimum: 1 },
    only: { ...list(object(["type", "name"], { type: text, mesh: text, name: text })), minItems: 1 },
    message: text,
    dryRun: yes,
  }),
  RollbackAnswer: object(["revision", "restored", "undoneTo", "results", "leftAlone"], {
    revision: { ...whole, description: "The revision that the rollback made; the newest one where nothing had to change." },
    restored: whole,
    undoneTo: { ...whole, description: "Revisions after `restored` up to this one are undone." },
    dryRun: yes,
    results: list(object(["outcome", "type", "name"], { outcome, type: text, mesh: text, name: text })),
    leftAlone: {
      ...list(record({ type: text, reason: text, count })),
      description: "What differs and stays: it belongs to zones, or to control planes.",
    },
    diffs: { ...list(ref("ResourceDiff")), description: "Only of a dry run." },
    warnings: texts,
  }),
  LoggedChange: object(changeFields, change),
  ResourceDiff: object([...changeFields, "diff"], { ...change, diff }),
  ChangeItem: object([...changeFields, "revision"], {
    ...change,
    ...info,
    resource: { ...loggedDocument, description: "What the resource became; absent when it was deleted." },
  }),
  ChangesAnswer: record({ lastRevision: { ...whole, description: "The next `after`." }, items: list(ref("ChangeItem")) }),
  ChangesLine: { anyOf: [ref("ChangeItem"), record({ lastRevision: { ...whole, description: "All of it was sent." } })] },
  RevisionInfo: object([...infoFields, "changes"], {
    ...info,
    changes: list(object(changeFields, { ...change, before: loggedDocument, after: loggedDocument })),
  }),
  HistoryAnswer: record({
    items: list(
      object([...infoFields, "changes", "changeCount"], {
        ...info,
        changes: { ...list(ref("HistoryChange")), description: "The first of them." },
        changeCount: count,
      }),
    ),
    before: { type: ["integer", "null"], description: "`before` of the next page." },
    compactedTo: { ...whole, description: "The log begins after this revision." },
  }),
  HistoryChange: object(changeFields, {
    ...change,
    fields: {
      ...list(changedField),
      description: "What an update changed, where one resource was asked for; values as short text.",
    },
    fieldCount: count,
  }),
  DiffAnswer: record({
    from: whole,
    to: whole,
    total: count,
    items: list(ref("ResourceDiff")),
    nextOffset: { type: ["integer", "null"] },
  }),
};

const tag = "History";

export const historyPaths: Json = {
  "/changes": {
    get: operation({
      id: "changes",
      summary: "The change feed",
      tag,
      parameters: [
        queryParameter("after", { type: ["integer", "string"] }, "Changes after this revision, or `newest`."),
        queryParameter("size", whole, "Revisions of a page."),
        queryParameter("wait", yes, "Stream."),
        ...logFilter,
      ],
      answers: {
        "200": {
          description: "What changed, oldest first",
          content: { ...jsonBody(ref("ChangesAnswer")), "application/x-ndjson": { schema: ref("ChangesLine") } },
        },
      },
      refusals: ["410"],
    }),
  },
  "/history": {
    get: operation({
      id: "history",
      summary: "Who changed what, newest first",
      tag,
      parameters: [
        ...logFilter,
        queryParameter("size", whole, "Revisions of a page."),
        queryParameter("before", whole, "Only older revisions."),
      ],
      answers: { "200": answer("A page of revisions", ref("HistoryAnswer")) },
    }),
  },
  ...path("/history/{revision}", {
    get: operation({
      id: "revision",
      summary: "One revision, with what was before and after",
      tag,
      answers: { "200": answer("The revision", ref("RevisionInfo")) },
      refusals: ["404", "410"],
    }),
  }),
  "/diff": {
    get: operation({
      id: "diff",
      summary: "What differs between two revisions, per resource as a unified diff",
      tag,
      parameters: [
        { ...queryParameter("from", whole, "The one revision."), required: true },
        queryParameter("to", whole, "The other one; default: the newest."),
        ...logFilter,
        queryParameter("size", whole, "Resources of a page."),
        queryParameter("offset", whole, "Where the page starts: `nextOffset` of the page before."),
      ],
      answers: { "200": answer("A page of differences", ref("DiffAnswer")) },
      refusals: ["404", "410"],
    }),
  },
  "/rollback": {
    post: operation({
      id: "rollback",
      summary: "Make what users own what it was at a revision, as one new revision",
      tag,
      body: jsonBody(ref("RollbackRequest")),
      answers: {
        "200": answer("What became of each resource", ref("RollbackAnswer")),
        "400": answer("What was then is not valid now: nothing was written", ref("Error")),
      },
      refusals: ["403", "404", "405", "409", "410"],
    }),
  },
};
