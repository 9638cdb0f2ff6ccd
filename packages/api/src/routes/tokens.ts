import { parseDuration, type Violation } from "@meridian/model";
import type { FastifyInstance, FastifyReply } from "fastify";
import { assertAdmin } from "../http/access.ts";
import { invalid } from "../http/errors.ts";
import type { ApiDeps, DataplaneTokenRequest } from "../ports.ts";

const tenYearsMs = 10 * 365 * 24 * 3_600_000;
const title = "Could not issue a token";
const options = { config: { title }, bodyLimit: 64 * 1024 };

/** `/tokens/{dataplane,zone,user}`: the answer is the JWT as text (reference: rest-api.md section 6). */
export function tokenRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post("/tokens/dataplane", options, async (request, reply) => {
    assertAdmin(request.user, "cannot generate dataplane token");
    const fields = new Fields(request.body);
    const token: DataplaneTokenRequest = {
      name: fields.text("name"),
      mesh: fields.requiredText("mesh"),
      tags: fields.textLists("tags"),
      type: fields.choice("type", ["", "dataplane", "ingress", "egress"]),
      workload: fields.text("workload"),
      validForMs: fields.validForMs() ?? tenYearsMs,
    };
    fields.assertValid();
    return sendToken(reply, await deps.tokens.issueDataplaneToken(token));
  });
  app.post("/tokens/zone", options, async (request, reply) => {
    assertAdmin(request.user, "cannot generate zone token");
    const fields = new Fields(request.body);
    const token = { zone: fields.text("zone"), scope: fields.scope(), validForMs: fields.validForMs() ?? tenYearsMs };
    fields.assertValid();
    return sendToken(reply, await deps.tokens.issueZoneToken(token));
  });
  app.post("/tokens/user", options, async (request, reply) => {
    assertAdmin(request.user, "cannot generate user token");
    const fields = new Fields(request.body);
    const token = { name: fields.requiredText("name"), groups: fields.texts("groups"), validForMs: fields.requiredValidForMs() };
    fields.assertValid();
    return sendToken(reply, await deps.tokens.issueUserToken(token));
  });
}

function sendToken(reply: FastifyReply, token: string): FastifyReply {
  return reply.header("content-type", "text/plain").header("cache-control", "no-store").send(token);
}

/** Reads a body field by field and collects what is wrong with it. */
class Fields {
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #violations: Violation[] = [];

  constructor(body: unknown) {
    const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
    this.#body = isObject ? (body as Readonly<Record<string, unknown>>) : {};
    if (!isObject) this.#refuse("", "must be an object");
  }

  text(path: string): string {
    const value = this.#body[path] ?? "";
    if (typeof value === "string") return value;
    this.#refuse(path, "must be a text");
    return "";
  }

  requiredText(path: string): string {
    const value = this.text(path);
    if (value === "") this.#refuse(path, "cannot be empty");
    return value;
  }

  choice<const T extends string>(path: string, choices: readonly [T, ...T[]]): T {
    const value = this.text(path);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.#refuse(path, `must be one of ${choices.filter(Boolean).join(", ")}`);
    return found ?? choices[0];
  }

  texts(path: string): readonly string[] {
    return this.#list(path, this.#body[path] ?? []);
  }

  textLists(path: string): Readonly<Record<string, readonly string[]>> {
    const value = this.#body[path] ?? {};
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#refuse(path, "must be an object of lists");
      return {};
    }
    return Object.fromEntries(Object.entries(value).map(([key, list]) => [key, this.#list(`${path}["${key}"]`, list)]));
  }

  /** Must be said: `ingress`, `egress`, and `cp` for the zone control plane itself. */
  scope(): readonly string[] {
    if (this.#body["scope"] === undefined || this.#body["scope"] === null) this.#refuse("scope", "cannot be null");
    const scope = this.texts("scope");
    const known = ["ingress", "egress", "cp"];
    for (const part of scope) if (!known.includes(part)) this.#refuse("scope", `"${part}" is not one of ${known.join(", ")}`);
    return scope;
  }

  /** Undefined when absent or empty. */
  validForMs(): number | undefined {
    const value = this.text("validFor");
    if (value === "") return undefined;
    const durationMs = parseDuration(value);
    if (durationMs !== undefined && durationMs >= 0) return durationMs === 0 ? undefined : durationMs;
    this.#refuse("validFor", `invalid duration "${value}": use a form like 24h or 30m`);
    return undefined;
  }

  requiredValidForMs(): number {
    const before = this.#violations.length;
    const durationMs = this.validForMs();
    if (durationMs === undefined && this.#violations.length === before) this.#refuse("validFor", "cannot be empty nor 0");
    return durationMs ?? 0;
  }

  /** @throws ApiProblem 400 */
  assertValid(): void {
    if (this.#violations.length > 0) throw invalid("Invalid request", this.#violations, "The request is not valid");
  }

  #list(path: string, value: unknown): readonly string[] {
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    this.#refuse(path, "must be a list of texts");
    return [];
  }

  #refuse(path: string, message: string): void {
    this.#violations.push({ path, message });
  }
}
