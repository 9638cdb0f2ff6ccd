import type { ValidationContext } from "../../kind.ts";
import { validateShortName } from "../../rules/names.ts";
import { isHostPort } from "../../rules/network.ts";
import { validateMatch } from "../../rules/tags.ts";
import { at, type Violation } from "../../violation.ts";
import { validatePrometheus } from "./metrics.ts";
import { duplicateNames, validateMtls } from "./mtls.ts";
import type { UncheckedMesh } from "./schema.ts";

/** Source of rules and words: resources-legacy.md section 16. */
export function validateMesh(spec: UncheckedMesh, context: ValidationContext): readonly Violation[] {
  return [
    ...validateShortName(context.name),
    ...validateMtls(spec.mtls),
    ...validateLogging(spec.logging),
    ...validateTracing(spec.tracing),
    ...validateMetrics(spec.metrics),
    ...validateConstraints(spec.constraints),
    ...validateRouting(spec),
  ];
}

interface NamedBackend {
  readonly name?: string | undefined;
}

function validateNames(path: string, backends: readonly NamedBackend[]): readonly Violation[] {
  const unnamed = backends.flatMap(({ name }, index) =>
    name ? [] : [{ path: `${at(path, index)}.name`, message: "cannot be empty" }],
  );
  return [...unnamed, ...duplicateNames(path, backends)];
}

function validateDefault(
  path: string,
  name: string | undefined,
  backends: readonly NamedBackend[],
  what: string,
): readonly Violation[] {
  if (!name || backends.some((backend) => backend.name === name)) return [];
  return [{ path, message: `has to be set to one of the ${what}` }];
}

function validateLogging(logging: UncheckedMesh["logging"]): readonly Violation[] {
  const backends = logging?.backends ?? [];
  const path = "logging.backends";
  return [
    ...validateNames(path, backends),
    ...backends.flatMap((backend, index) => validateLoggingBackend(at(path, index), backend)),
    ...validateDefault("logging.defaultBackend", logging?.defaultBackend, backends, "logging backend in mesh"),
  ];
}

type LoggingBackend = NonNullable<NonNullable<UncheckedMesh["logging"]>["backends"]>[number];

function validateLoggingBackend(path: string, { type, conf }: LoggingBackend): readonly Violation[] {
  if (type === "file") return conf?.path ? [] : [{ path: `${path}.config.path`, message: "cannot be empty" }];
  if (type !== "tcp") {
    return [{ path: `${path}.type`, message: 'unknown backend type. Available backends: "tcp", "file"' }];
  }
  if (!conf?.address) return [{ path: `${path}.config.address`, message: "cannot be empty" }];
  return isHostPort(conf.address) ? [] : [{ path: `${path}.config.address`, message: "has to be in format of HOST:PORT" }];
}

function validateTracing(tracing: UncheckedMesh["tracing"]): readonly Violation[] {
  const backends = tracing?.backends ?? [];
  const path = "tracing.backends";
  return [
    ...validateNames(path, backends),
    ...backends.flatMap((backend, index) => validateTracingBackend(at(path, index), backend)),
    ...validateDefault("tracing.defaultBackend", tracing?.defaultBackend, backends, "tracing backend in mesh"),
  ];
}

type TracingBackend = NonNullable<NonNullable<UncheckedMesh["tracing"]>["backends"]>[number];

function validateTracingBackend(path: string, { sampling, type, conf }: TracingBackend): readonly Violation[] {
  const violations: Violation[] = [];
  if (sampling !== undefined && !(sampling >= 0 && sampling <= 100)) {
    violations.push({ path: `${path}.sampling`, message: "has to be in [0.0 - 100.0] range" });
  }
  if (type === "zipkin") {
    violations.push(...validateZipkinUrl(`${path}.config.url`, conf?.url ?? ""));
    const apiVersions = ["httpJsonV1", "httpJson", "httpProto"];
    if (conf?.apiVersion && !apiVersions.includes(conf.apiVersion)) {
      const message = `has invalid value. Allowed values: ${apiVersions.join(", ")}`;
      violations.push({ path: `${path}.config.apiVersion`, message });
    }
  } else if (type === "datadog") {
    if (!conf?.address) violations.push({ path: `${path}.config.address`, message: "cannot be empty" });
    if (!(conf?.port && conf.port <= 65_535)) {
      violations.push({ path: `${path}.config.port`, message: "must be in range 1 to 65535" });
    }
  } else violations.push({ path: `${path}.type`, message: 'unknown backend type. Available backends: "zipkin", "datadog"' });
  return violations;
}

function validateZipkinUrl(path: string, url: string): readonly Violation[] {
  if (url === "") return [{ path, message: "cannot be empty" }];
  if (!URL.canParse(url) || new URL(url).host === "") return [{ path, message: "invalid URL" }];
  // `URL` drops a port that is the scheme's default, so look at the text itself.
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  return /:\d+$/.test(authority) ? [] : [{ path, message: "port has to be explicitly specified" }];
}

function validateMetrics(metrics: UncheckedMesh["metrics"]): readonly Violation[] {
  const backends = metrics?.backends ?? [];
  const path = "metrics.backends";
  return [
    ...duplicateNames(path, backends),
    ...backends.flatMap(({ type, conf }, index) => {
      if (type === "prometheus") return validatePrometheus(`${at(path, index)}.conf`, conf);
      return [{ path: `${at(path, index)}.type`, message: 'unknown backend type. Available backends: "prometheus"' }];
    }),
    ...validateDefault("metrics.enabledBackend", metrics?.enabledBackend, backends, "metrics backend in mesh"),
  ];
}

function validateConstraints(constraints: UncheckedMesh["constraints"]): readonly Violation[] {
  const { requirements = [], restrictions = [] } = constraints?.dataplaneProxy ?? {};
  const path = "constraints.dataplaneProxy";
  type Rule = { readonly tags?: Readonly<Record<string, string | undefined>> | undefined };
  const check = (list: string) => (rule: Rule, index: number) =>
    validateMatch(`${at(`${path}.${list}`, index)}.tags`, rule.tags as Record<string, string> | undefined);
  return [...requirements.flatMap(check("requirements")), ...restrictions.flatMap(check("restrictions"))];
}

function validateRouting({ routing, mtls }: UncheckedMesh): readonly Violation[] {
  if (!routing?.zoneEgress || mtls?.enabledBackend) return [];
  return [{ path: "mtls", message: "has to be set when zoneEgress enabled" }];
}
