import { X509Certificate } from "node:crypto";
import { decodeMessage, type EncodedResource, typeUrls } from "@meridian/envoy";
import type { TestProxy } from "./test-proxy.ts";

interface SecretMessage {
  readonly tlsCertificate?: { readonly certificateChain: { readonly inlineBytes: string } };
  readonly validationContext?: { readonly trustedCa: { readonly inlineBytes: string } };
}

/** The certificate that a proxy was given for a mesh. */
export function certificateOf(proxy: TestProxy, mesh = "default"): X509Certificate | undefined {
  const secret = proxy.get(typeUrls.secret, `identity_cert:secret:${mesh}`);
  return secret && new X509Certificate(pemOf(messageOf(secret).tlsCertificate?.certificateChain.inlineBytes));
}

/** The CA that it was given to check its peers with. */
export function trustedCaOf(proxy: TestProxy, mesh = "default"): X509Certificate | undefined {
  const secret = proxy.get(typeUrls.secret, `mesh_ca:secret:${mesh}`);
  return secret && new X509Certificate(pemOf(messageOf(secret).validationContext?.trustedCa.inlineBytes));
}

function messageOf({ delta }: EncodedResource): SecretMessage {
  const { resource } = decodeMessage("envoy.service.discovery.v3.Resource", delta);
  return resource as unknown as SecretMessage;
}

function pemOf(base64 = ""): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
