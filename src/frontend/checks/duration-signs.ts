// A Duration whose seconds and nanos have different signs is refused (common/primitives/timestamp/duration.go, v1.31). Decoded it is
// one number, so this looks at the bytes; but only if the number leaves it possible. Main loop.

import { Reader } from '../../proto/wire.ts';

export const DIFFERENT_SIGNS = 'duration has seconds and nanos with different signs';

const LENGTH_DELIMITED = 2;
const MS_PER_SECOND = 1000;
// google.protobuf.Duration: seconds = 1, nanos = 2, both varints.
const SECONDS_TAG = 8;
const NANOS_TAG = 16;

/** Whether the duration in field `path` of the message, whose value is `durationMs`, has parts of different signs. */
export function hasDifferentSigns(
  durationMs: number | undefined,
  message: () => Uint8Array,
  path: readonly number[],
): boolean {
  if (durationMs === undefined || durationMs % MS_PER_SECOND === 0) return false;
  let bytes: Uint8Array | undefined = message();
  for (const fieldNumber of path) bytes = bytes && fieldBytes(bytes, fieldNumber);
  if (bytes === undefined) return false;
  const reader = new Reader(bytes);
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === SECONDS_TAG) seconds = reader.int64();
    else if (tag === NANOS_TAG) nanos = reader.int32();
    else reader.skip(tag);
  }
  return (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0);
}

/** The bytes of a message field: its `index`th occurrence, or the last one. */
export function fieldBytes(message: Uint8Array, fieldNumber: number, index?: number): Uint8Array | undefined {
  const reader = new Reader(message);
  let found: Uint8Array | undefined;
  let count = 0;
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag !== fieldNumber * 8 + LENGTH_DELIMITED) {
      reader.skip(tag);
      continue;
    }
    const bytes = reader.bytes();
    if (index === undefined || index === count) found = bytes;
    count++;
  }
  return found;
}
