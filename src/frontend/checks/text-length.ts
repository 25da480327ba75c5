// Lengths as Temporal counts them: in bytes of UTF-8. Main loop.

import { Buffer } from 'node:buffer';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { MAX_ID_LENGTH } from '../settings.ts';

/** One UTF-16 unit is at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

export function isLongerThan(text: string, limitBytes: number): boolean {
  if (text.length * MAX_BYTES_PER_UNIT <= limitBytes) return false;
  return text.length > limitBytes || Buffer.byteLength(text) > limitBytes;
}

/** Refuses an id longer than limit.maxIDLength with this message. */
export function checkIdLength(call: RpcCall, text: string, message: string): void {
  if (isLongerThan(text, call.setting(MAX_ID_LENGTH))) throw invalidArgument(message);
}

export const checkIdentity = (call: RpcCall, identity: string): void =>
  checkIdLength(call, identity, 'Identity length exceeds limit.');
