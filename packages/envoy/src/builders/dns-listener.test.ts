import { expect, it } from "vitest";
import { encodeResource, typeUrls } from "../index.ts";
import { dnsListener } from "./dns-listener.ts";
import { dynamicConfigListener } from "./dynamic-config.ts";

it("a DNS listener answers over UDP on loopback, each name with its addresses", () => {
  const records = [{ name: "web.mesh", addresses: ["240.0.0.1", "::ffff:f000:1"] }];
  const listener = dnsListener({ port: 15054, records, ttlMs: 30_000 });
  expect(listener.address).toEqual({ socketAddress: { protocol: "UDP", address: "127.0.0.1", portValue: 15054 } });
  expect(JSON.stringify(listener)).toContain('"answerTtl":"30s"');
  expect(encodeResource(typeUrls.listener, listener, []).name).toBe("kuma:dns");
});

it("a dynamic config is answered once, and 304 as long as its reader has it", () => {
  const listener = dynamicConfigListener({ path: "/run/x.sock", bodies: { "/otel": "{}", "/dns": "zwölf" } });
  const text = JSON.stringify(listener);
  // Bytes, not characters.
  expect(text).toContain('"maxDirectResponseBodySizeBytes":6');
  expect(text.match(/"status":304/g)).toHaveLength(2);
  expect(text.indexOf("/dns")).toBeLessThan(text.indexOf("/otel"));
  expect(encodeResource(typeUrls.listener, listener, []).name).toBe("_kuma:dynamicconfig");
});
