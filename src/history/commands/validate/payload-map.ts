// Maps of payloads by name: memos and search attributes. Sizes for limits, and the merge that an upsert makes.

import { Payload } from '#proto/temporal/api/common/v1';
import type { Encoded } from '../../../proto/wire.ts';

export type PayloadMap = ReadonlyMap<string, Encoded<Payload>>;

/** Names plus data, as the limit on an upsert counts. */
export function payloadMapDataBytes(fields: PayloadMap): number {
  let bytes = 0;
  for (const [name, payload] of fields) bytes += Buffer.byteLength(name) + Payload.decode(payload).data.length;
  return bytes;
}

/** A null or an empty list removes the field. Source: common/payload/payload.go, MergeMapOfPayload, v1.31.2. */
export function mergePayloadMaps(base: PayloadMap, upserted: PayloadMap): Map<string, Encoded<Payload>> {
  const merged = new Map(base);
  for (const [name, payload] of upserted) {
    if (removesField(payload)) merged.delete(name);
    else merged.set(name, payload);
  }
  return merged;
}

function removesField(encoded: Encoded<Payload>): boolean {
  const { metadata, data } = Payload.decode(encoded);
  const encoding = metadata.get('encoding');
  const encodingName = encoding === undefined ? '' : Buffer.from(encoding).toString();
  if (encodingName === 'binary/null') return data.length === 0;
  return encodingName === 'json/plain' && Buffer.from(data).toString() === '[]';
}
