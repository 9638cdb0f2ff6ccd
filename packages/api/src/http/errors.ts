import { MeridianError } from "@meridian/base";
import type { Violation } from "@meridian/model";

/** One bad field of a request. In a batch it says of which document. */
export interface FieldViolation extends Violation {
  readonly document?: number;
}

/** What an error answer says; `http/error-answer.ts` writes it in the peer's shape. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly violations?: readonly FieldViolation[];
}

/** An outcome that the API decided itself. What other packages throw is mapped in `error-answer.ts`. */
export class ApiProblem extends MeridianError<"API_PROBLEM"> {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super("API_PROBLEM", `${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

export function badRequest(detail: string): ApiProblem {
  return new ApiProblem({ status: 400, title: "Bad Request", detail });
}

export function invalid(title: string, violations: readonly FieldViolation[], detail = "Resource is not valid"): ApiProblem {
  return new ApiProblem({ status: 400, title, detail, violations });
}

export function notFound(title: string): ApiProblem {
  return new ApiProblem({ status: 404, title, detail: "Not found" });
}

export function methodNotAllowed(detail: string): ApiProblem {
  return new ApiProblem({ status: 405, title: "Method not allowed", detail });
}

export function unauthenticated(): ApiProblem {
  return new ApiProblem({ status: 401, title: "Invalid authentication data", detail: "Unauthenticated" });
}

/** `what`: `cannot access the resource of type "Secret"`. */
export function accessDenied(user: { readonly name: string; readonly groups: readonly string[] }, what: string): ApiProblem {
  return new ApiProblem({ status: 403, title: "Access Denied", detail: `user "${user.name}/${user.groups.join(",")}" ${what}` });
}

export function unavailable(detail: string): ApiProblem {
  return new ApiProblem({ status: 503, title: "Service unavailable", detail });
}
