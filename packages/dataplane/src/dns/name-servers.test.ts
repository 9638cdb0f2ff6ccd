import { expect, it } from "vitest";
import { parseNameServers, readNameServers } from "./name-servers.ts";

it("name servers are read in order, whatever else the file says", () => {
  const text =
    "# nameserver 192.0.2.9\nsearch shop.example\nnameserver 192.0.2.1\n  nameserver\t2001:db8::1 # second\nnameserver other\n";
  expect(parseNameServers(text).map(({ host }) => host)).toEqual(["192.0.2.1", "2001:db8::1"]);
});

it("a host without the file has none", async () => {
  expect(await readNameServers("/nowhere/resolv.conf")).toEqual([]);
});
