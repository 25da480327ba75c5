// The token between pages of a list: where the last row stood. Opaque to clients.

import { invalidArgument } from '../proto/service-errors.ts';
import type { PagePosition } from '../visibility/index.ts';

export function encodePageToken(position: PagePosition): Uint8Array {
  return Buffer.from(JSON.stringify([position.closeMicros, position.startMicros, position.runId]));
}

/** Undefined for the first page. Throws INVALID_ARGUMENT for bytes that are no token of ours. */
export function decodePageToken(token: Uint8Array): PagePosition | undefined {
  if (token.length === 0) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token).toString('utf8'));
  } catch {
    throw malformed();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw malformed();
  const [closeMicros, startMicros, runId] = parts as unknown[];
  if (typeof closeMicros !== 'number' || typeof startMicros !== 'number' || typeof runId !== 'string') {
    throw malformed();
  }
  return { closeMicros, startMicros, runId };
}

/** Differs: Temporal answers UNKNOWN with the JSON decoder's message. */
function malformed() {
  return invalidArgument('Invalid NextPageToken.');
}
