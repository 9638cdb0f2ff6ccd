import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** `host:port`, `host`, `[v6]:port` of the Host header: under the name by which the proxy found us, it finds ADS too. */
export function hostAndPort(header: string, defaultPort: number): readonly [host: string, port: number] {
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(header);
  return [(match?.[1] ?? "").replace(/^\[|\]$/g, "") || "localhost", Number(match?.[2] ?? defaultPort)];
}

/** Answers by what was asked: the proxies of a zone ask with a handful of names and CAs, each of them again and again. */
const answers = new Map<string, string | undefined>();
const keptAnswers = 256;

/** Why Envoy would not trust this server, in words; undefined when it would. It says so only as a TLS error without a reason. */
export function distrustReason(host: string, serverCertPem: string, givenCaPem: string | undefined): string | undefined {
  const question = JSON.stringify([host, serverCertPem, givenCaPem]);
  if (answers.has(question)) return answers.get(question);
  const answer = judge(host, serverCertPem, givenCaPem);
  if (answers.size >= keptAnswers) answers.clear();
  answers.set(question, answer);
  return answer;
}

function judge(host: string, serverCertPem: string, givenCaPem: string | undefined): string | undefined {
  const server = new X509Certificate(serverCertPem);
  const isNamed = isIP(host) === 0 ? server.checkHost(host, { subject: "never" }) : server.checkIP(host);
  if (!isNamed) {
    return (
      `the control plane was reached as ${host}, which its certificate does not name (${server.subjectAltName ?? "it names nothing"}): ` +
      "use a name that it holds, or add this one to the certificate (--dp-tls-hosts for a generated one)"
    );
  }
  const authority = givenCaPem === undefined ? server : readCertificate(givenCaPem);
  const whose =
    givenCaPem === undefined
      ? "the control plane's certificate, which the proxy takes as its CA,"
      : "the CA that the proxy brings";
  if (!authority) return `${whose} is not a PEM certificate`;
  return authority.ca
    ? undefined
    : `${whose} is not one of a CA: it has the basic constraint CA:FALSE; give its issuer with --ca-cert-file`;
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
