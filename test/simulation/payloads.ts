// Values as Temporal's JSON payloads, encoded.

import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import type { Encoded } from '../../src/proto/wire.ts';

const JSON_PLAIN = new Map([['encoding', Buffer.from('json/plain')]]);

export function payloads(...values: readonly unknown[]): Encoded<Payloads> {
  return Payloads.encode({ payloads: values.map(payload) });
}

export function payload(value: unknown): Encoded<Payload> {
  return Payload.encode({ metadata: JSON_PLAIN, data: Buffer.from(JSON.stringify(value)) });
}

export function valuesOf(encoded: Uint8Array | undefined): unknown[] {
  if (encoded === undefined) return [];
  return Payloads.decode(encoded).payloads.map((each) => JSON.parse(Buffer.from(Payload.decode(each).data).toString()));
}
