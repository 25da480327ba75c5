// Cuts a failure down to what matters most: kind, message, stack, as many causes as fit. Any thread.

import { Buffer } from 'node:buffer';
import { Failure, type FailureInit } from '#proto/temporal/api/failure/v1';

/** Causes below this depth are dropped (common/failure Truncate). */
const MAX_CAUSE_DEPTH = 20;
// What a field and a nested message cost besides their text, by Temporal's reckoning.
const FIELD_OVERHEAD_BYTES = 4;
const APPLICATION_INFO_OVERHEAD_BYTES = 8;

/** As much of the failure as fits into about `maxBytes` (common/failure Truncate, v1.31). */
export function truncateFailure(failure: Uint8Array, maxBytes: number): Uint8Array {
  return Failure.encode(truncated(Failure.decode(failure), maxBytes, MAX_CAUSE_DEPTH));
}

function truncated(failure: Failure, maxBytes: number, maxDepth: number): FailureInit {
  let left = maxBytes;
  const truncate = (text: string): string => {
    const kept = truncateUtf8(text, left);
    left -= Buffer.byteLength(kept);
    if (kept !== '') left -= FIELD_OVERHEAD_BYTES;
    return kept;
  };
  const result: { -readonly [K in keyof FailureInit]: FailureInit[K] } = {};
  const { applicationFailureInfo, serverFailureInfo } = failure;
  if (applicationFailureInfo !== undefined) {
    const { nonRetryable, type } = applicationFailureInfo;
    result.applicationFailureInfo = { nonRetryable, type: truncate(type) };
    left -= APPLICATION_INFO_OVERHEAD_BYTES;
  } else if (serverFailureInfo !== undefined) {
    result.serverFailureInfo = { nonRetryable: serverFailureInfo.nonRetryable };
    left -= FIELD_OVERHEAD_BYTES;
  }
  result.source = truncate(failure.source);
  result.message = truncate(failure.message);
  result.stackTrace = truncate(failure.stackTrace);
  if (failure.cause !== undefined && left > FIELD_OVERHEAD_BYTES && maxDepth > 0) {
    const cause = Failure.decode(failure.cause as Uint8Array);
    result.cause = Failure.encode(truncated(cause, left - FIELD_OVERHEAD_BYTES, maxDepth - 1));
  }
  return result;
}

function truncateUtf8(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = Math.max(0, maxBytes);
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
