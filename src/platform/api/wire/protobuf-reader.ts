/** Reads the protobuf wire format, field by field: https://protobuf.dev/programming-guides/encoding/ */

/** A body that is no well-formed protobuf message. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** A field as it stands on the wire; its meaning depends on the message. */
export type WireField = { number: number; value: bigint | Uint8Array };

/** @throws ProtobufError when a field runs over the end, or has a wire type that nobody uses any more */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const cursor = { bytes, offset: 0 };
  while (cursor.offset < bytes.length) {
    const tag = Number(readVarint(cursor));
    fields.push({ number: Math.floor(tag / 8), value: readValue(cursor, tag % 8) });
  }
  return fields;
}

type Cursor = { bytes: Uint8Array; offset: number };

function readValue(cursor: Cursor, wireType: number): bigint | Uint8Array {
  if (wireType === 0) return readVarint(cursor);
  if (wireType === 1) return readBytes(cursor, 8);
  if (wireType === 2) return readBytes(cursor, Number(readVarint(cursor)));
  if (wireType === 5) return readBytes(cursor, 4);
  throw new ProtobufError(`Unknown wire type ${wireType} at byte ${cursor.offset}`);
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.offset];
    if (byte === undefined) throw new ProtobufError('The message ends inside a number');
    cursor.offset += 1;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new ProtobufError(`A number of more than ten bytes at byte ${cursor.offset}`);
}

function readBytes(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.offset + length;
  if (end > cursor.bytes.length) throw new ProtobufError(`A field of ${length} bytes runs over the end of the message`);
  const value = cursor.bytes.subarray(cursor.offset, end);
  cursor.offset = end;
  return value;
}
