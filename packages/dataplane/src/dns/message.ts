/** The little of a DNS message (RFC 1035, section 4.1.1) that passing it on needs. */

const headerBytes = 12;

/** A message that may be a query; anything else is dropped, as a resolver does. */
export function isQuery(message: Buffer): boolean {
  return message.length > headerBytes && ((message[2] ?? 0) & 0x80) === 0;
}

/** The answer to a query, which has the same id. */
export function isAnswerTo(query: Buffer, message: Buffer): boolean {
  const isAnswer = message.length >= headerBytes && ((message[2] ?? 0) & 0x80) !== 0;
  return isAnswer && message.readUInt16BE(0) === query.readUInt16BE(0);
}

/** Whether an answer says that the name is known: `NOERROR`, also without a record of the wanted type. */
export function isKnown(answer: Buffer): boolean {
  return ((answer[3] ?? 0) & 0x0f) === 0;
}

/** `SERVFAIL`: whoever asked may ask somebody else. */
export function failureFor(query: Buffer): Buffer {
  const answer = Buffer.from(query);
  answer[2] = (answer[2] ?? 0) | 0x80;
  answer[3] = 0x80 | 2;
  return answer;
}

const types = { a: 1 } as const;

/**
 * The same question, for an IPv4 address. Undefined: that is what is asked, or it is not one plain question (RFC 1035, section 4.1.2).
 */
export function forAddress(query: Buffer): Buffer | undefined {
  const end = questionEnd(query);
  if (end === undefined || query.readUInt16BE(end - 4) === types.a) return undefined;
  const asked = Buffer.from(query);
  asked.writeUInt16BE(types.a, end - 4);
  return asked;
}

/** "The name is there, but not what was asked for": no answer, and no error (RFC 2308, section 2.2). */
export function emptyFor(query: Buffer): Buffer {
  const answer = Buffer.from(query.subarray(0, questionEnd(query)));
  answer[2] = (answer[2] ?? 0) | 0x80;
  answer[3] = 0x80;
  // No answers, authorities, or further records.
  answer.fill(0, 6, headerBytes);
  return answer;
}

/** Behind the name, type and class of the only question. */
function questionEnd(query: Buffer): number | undefined {
  if (query.readUInt16BE(4) !== 1) return undefined;
  let at = headerBytes;
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) {
    // Names of queries are never compressed.
    if (length > 63) return undefined;
    at += 1 + length;
  }
  const end = at + 1 + 4;
  return end <= query.length ? end : undefined;
}

/** Messages over TCP come after their length (RFC 1035, section 4.2.2). */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The messages at the beginning of what a TCP connection brought, and what is left of it. */
export function unframed(bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
    const end = 2 + rest.readUInt16BE(0);
    messages.push(rest.subarray(2, end));
    rest = rest.subarray(end);
  }
  return { messages, rest };
}
