import { readFile } from "node:fs/promises";
import { coreKinds, createKindRegistry, type DataplaneSpec, parseDocuments, toResourceInput } from "@meridian/model";
import { DataplaneInputError } from "./errors.ts";
import type { ProxyType, RunDataplaneOptions } from "./options.ts";
import { renderTemplate } from "./template.ts";

/** Who this proxy is, and the resource that it brings, if any. */
export interface ProxyResource {
  /** Empty for zone proxies. */
  readonly mesh: string;
  readonly name: string;
  /** JSON text as the control plane gets it; empty when the control plane knows the resource already. */
  readonly resourceJson: string;
  /** The workload's connections are redirected to this proxy, as far as its resource is known here. */
  readonly isTransparent: boolean;
}

const kindOfProxy: Readonly<Record<ProxyType, string>> = { dataplane: "Dataplane", ingress: "ZoneIngress", egress: "ZoneEgress" };

/**
 * Reads, fills in and checks the resource of the proxy.
 * @throws DataplaneInputError that names the file and every mistake in it.
 */
export async function readProxyResource(options: RunDataplaneOptions): Promise<ProxyResource> {
  if (options.dataplaneFile === undefined) return withoutFile(options);
  const file = options.dataplaneFile;
  const template = await readInput(file, "--dataplane-file");
  const rendered = renderTemplate(template, { ...(options.environment ?? process.env), ...options.dataplaneVars });
  if ("unset" in rendered) {
    const flags = rendered.unset.map((name) => `--dataplane-var ${name}=…`).join(" ");
    throw new DataplaneInputError(`${file}: variables are not set: ${rendered.unset.join(", ")}; set them with ${flags}`);
  }
  return checkResource(oneDocument(rendered.text, file), file, options);
}

function withoutFile({ proxyType, name, mesh }: RunDataplaneOptions): ProxyResource {
  if (!name) throw new DataplaneInputError("who is this proxy? give its resource with --dataplane-file, or --name (and --mesh)");
  return { mesh: proxyType === "dataplane" ? mesh || "default" : "", name, resourceJson: "", isTransparent: false };
}

function oneDocument(text: string, file: string): unknown {
  const { documents, problems } = parseDocuments(text, { source: file });
  if (problems.length > 0) {
    const lines = problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    throw new DataplaneInputError(lines.join("\n"));
  }
  const [document] = documents;
  if (!document || documents.length > 1) {
    throw new DataplaneInputError(`${file}: must hold one resource, has ${documents.length}`);
  }
  return document.value;
}

function checkResource(document: unknown, file: string, options: RunDataplaneOptions): ProxyResource {
  const wanted = kindOfProxy[options.proxyType];
  const written = kindOf(document);
  if (written !== undefined && written !== wanted) {
    const type = Object.entries(kindOfProxy).find(([, kind]) => kind === written)?.[0];
    const wayOut = type ? `; for this file use --proxy-type ${type}` : "";
    throw new DataplaneInputError(`${file}: is a ${written}, but --proxy-type ${options.proxyType} needs a ${wanted}${wayOut}`);
  }
  const expected = { kind: wanted, ...(options.name && { name: options.name }), ...(options.mesh && { mesh: options.mesh }) };
  const parsed = toResourceInput(
    document,
    createKindRegistry(coreKinds),
    options.proxyType === "dataplane" ? expected : { kind: wanted },
  );
  for (const warning of parsed.warnings) options.logger.warn({ file, warning }, "resource file");
  if ("violations" in parsed) {
    const lines = parsed.violations.map(({ path, message }) => `${file}: ${path === "" ? "" : `${path}: `}${message}`);
    throw new DataplaneInputError(lines.join("\n"));
  }
  const { transparentProxying } = (parsed.ok.spec as Partial<DataplaneSpec>).networking ?? {};
  const isTransparent = transparentProxying?.redirectPortOutbound !== undefined;
  return { mesh: parsed.ok.mesh, name: parsed.ok.name, resourceJson: JSON.stringify(document), isTransparent };
}

function kindOf(document: unknown): string | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  const { type, kind } = document as { readonly type?: unknown; readonly kind?: unknown };
  const written = type ?? kind;
  return typeof written === "string" ? written : undefined;
}

/** @throws DataplaneInputError that names the flag. The content is never part of the message. */
export async function readInput(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : String(code);
    throw new DataplaneInputError(`${flag} ${file}: ${reason}`, { cause: error });
  }
}
