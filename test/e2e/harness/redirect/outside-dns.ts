import { createSocket } from "node:dgram";
import { once } from "node:events";

const headerBytes = 12;
const typeA = 1;

/** The name server of the host inside: every name below `example` is that address, over UDP (RFC 1035). No other name is there. */
export async function startOutsideDns(host: string): Promise<{ stop(): Promise<void> }> {
  const socket = createSocket("udp4");
  socket.on("message", (query, client) => socket.send(answerTo(query, host), client.port, client.address));
  socket.bind(53, host);
  await once(socket, "listening");
  return { stop: () => new Promise((resolve) => socket.close(() => resolve())) };
}

function answerTo(query: Buffer, address: string): Buffer {
  const nameEnd = query.indexOf(0, headerBytes) + 1;
  const question = query.subarray(headerBytes, nameEnd + 4);
  const isThere = query.subarray(headerBytes, nameEnd).toString("latin1").toLowerCase().endsWith("\x07example\0");
  const hasAddress = isThere && query.readUInt16BE(nameEnd) === typeA;
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(isThere ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(hasAddress ? 1 : 0, 6);
  // The name of the question again, type A, class IN, for a second, four bytes.
  const record = Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([header, question, ...(hasAddress ? [record] : [])]);
}
