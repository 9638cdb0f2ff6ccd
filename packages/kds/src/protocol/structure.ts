import { ShapeError } from "./shapes.ts";

/** Deeper than any frame is. */
const maxDepth = 12;

/**
 * Walks one MessagePack value without building it, and refuses what the decoder should never see: extension types, lengths that
 * the bytes do not cover, deep nesting, bytes left over. So a few bytes from a stranger cannot make the decoder allocate much:
 * every element that it makes room for is really there.
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md ("Formats").
 * @throws ShapeError
 */
export function checkStructure(data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  /** Elements still to come, per open container. */
  const open: number[] = [1];
  let position = 0;

  function take(sizeBytes: number): number {
    const start = position;
    position += sizeBytes;
    if (position > data.length) throw new ShapeError("frame: ends in the middle of a value");
    return start;
  }
  function enter(elements: number): void {
    if (elements > data.length - position) throw new ShapeError("frame: a length that the bytes do not cover");
    if (open.length > maxDepth) throw new ShapeError(`frame: nested deeper than ${maxDepth}`);
    open.push(elements);
  }

  while (open.length > 0) {
    const top = open.length - 1;
    const left = open[top] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[top] = left - 1;
    const type = view.getUint8(take(1));
    if (type <= 0x7f || type >= 0xe0) continue;
    if (type <= 0x8f) enter((type & 0x0f) * 2);
    else if (type <= 0x9f) enter(type & 0x0f);
    else if (type <= 0xbf) take(type & 0x1f);
    else readLong(type);
  }
  if (position !== data.length) throw new ShapeError("frame: bytes left over");

  function readLong(type: number): void {
    switch (type) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return;
      case 0xc4:
      case 0xd9:
        take(view.getUint8(take(1)));
        return;
      case 0xc5:
      case 0xda:
        take(view.getUint16(take(2)));
        return;
      case 0xc6:
      case 0xdb:
        take(view.getUint32(take(4)));
        return;
      case 0xca:
      case 0xce:
      case 0xd2:
        take(4);
        return;
      case 0xcb:
      case 0xcf:
      case 0xd3:
        take(8);
        return;
      case 0xcc:
      case 0xd0:
        take(1);
        return;
      case 0xcd:
      case 0xd1:
        take(2);
        return;
      case 0xdc:
        enter(view.getUint16(take(2)));
        return;
      case 0xdd:
        enter(view.getUint32(take(4)));
        return;
      case 0xde:
        enter(view.getUint16(take(2)) * 2);
        return;
      case 0xdf:
        enter(view.getUint32(take(4)) * 2);
        return;
      default:
        throw new ShapeError(`frame: MessagePack type 0x${type.toString(16)} is not used here`);
    }
  }
}
