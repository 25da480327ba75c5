// Requests that the frontend completes are not encoded anew: by the wire format the last value of a field counts, so what was filled
// in is appended. Not for repeated fields, which would grow. Main loop.

import { Buffer } from 'node:buffer';

export function withFields(message: Uint8Array, fields: Uint8Array): Uint8Array {
  return fields.length === 0 ? message : Buffer.concat([message, fields]);
}
