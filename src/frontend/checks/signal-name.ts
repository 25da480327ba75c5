// Signal names. Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { checkIdLength } from './text-length.ts';

export function checkSignalName(call: RpcCall, signalName: string): void {
  if (signalName === '') throw invalidArgument('SignalName is not set on request.');
  checkIdLength(call, signalName, 'SignalName length exceeds limit.');
}
