// Request ids: SDKs send them; for other clients the frontend makes one up, so that history is always idempotent. Main loop.

import type { RpcCall } from '../rpc-call.ts';
import { checkIdLength } from './text-length.ts';

export function requestIdOrNew(call: RpcCall, requestId: string): string {
  if (requestId === '') return call.services.newUuid();
  checkIdLength(call, requestId, 'RequestId length exceeds limit.');
  return requestId;
}
