/** Just enough of the protobuf wire format to write messages: https://protobuf.dev/programming-guides/encoding/ */

const encoder = new TextEncoder();

/** A message's fields, already encoded; `undefined` and empty strings are left out as proto3 does. */
export function message(...fields: ReadonlyArray<Uint8Array | undefined>): Uint8Array {
  return concat(fields.filter((field) => field !== undefined));
}

/** A field of type string, or of a message's bytes. */
export function bytesField(number: number, value: string | Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined || value === '') return undefined;
  const bytes = typeof value === 'string' ? encoder.encode(value) : value;
  return concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function boolField(number: number, value: boolean): Uint8Array | undefined {
  return value ? concat([varint(number * 8), varint(1)]) : undefined;
}

export function doubleField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return concat([varint(number * 8 + 1), bytes]);
}

/** An unsigned whole number in groups of seven bits, the lowest first. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
