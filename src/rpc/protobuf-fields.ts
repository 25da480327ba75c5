// Writing the few protobuf messages that belong to gRPC itself: status, health, reflection. Small and not hot, so each field
// is a buffer and a message is their concatenation. Reading is done with src/proto/wire.ts.

/** A length-delimited field. */
export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

export function stringField(number: number, value: string): Buffer {
  return bytesField(number, Buffer.from(value, 'utf8'));
}

/** A field of an enum, a bool or an integer that is not negative. */
export function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** An int32 or enum field, which takes ten bytes when negative. */
export function int32Field(number: number, value: number): Buffer {
  if (value >= 0) return varintField(number, value);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.concat([varint(number * 8), Buffer.from(bytes)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
