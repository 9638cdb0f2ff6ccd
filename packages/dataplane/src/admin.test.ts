import { describe, expect, it } from "vitest";
import { adminAddressOf } from "./admin.ts";

describe("adminAddressOf", () => {
  it("reads a pipe or a socket, in both spellings", () => {
    expect(adminAddressOf("admin: {address: {pipe: {path: /tmp/a.sock}}}")).toEqual({ socketPath: "/tmp/a.sock" });
    const socket = { host: "127.0.0.1", port: 9901 };
    expect(adminAddressOf("admin: {address: {socketAddress: {address: 127.0.0.1, portValue: 9901}}}")).toEqual(socket);
    expect(adminAddressOf("admin: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}")).toEqual(socket);
  });

  it("is undefined without an admin", () => {
    expect(adminAddressOf("node: {id: a}")).toBeUndefined();
    expect(adminAddressOf("")).toBeUndefined();
  });
});
