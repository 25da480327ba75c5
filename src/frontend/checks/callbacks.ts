// Completion callbacks of a start (workflow_handler.go validateWorkflowCompletionCallbacks, v1.31). Main loop.

import type { Callback } from '#proto/temporal/api/common/v1';
import { invalidArgument, unimplemented } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { CALLBACK_HEADER_MAX_SIZE, CALLBACK_URL_MAX_LENGTH, MAX_CALLBACKS_PER_WORKFLOW } from '../settings.ts';
import { checkCallbackAddress } from './callback-addresses.ts';
import { isLongerThan } from './text-length.ts';

/** The callbacks with the names of their headers in lower case. */
export function checkCallbacks(call: RpcCall, callbacks: readonly Callback[]): readonly Callback[] {
  if (callbacks.length === 0) return callbacks;
  const limit = call.setting(MAX_CALLBACKS_PER_WORKFLOW);
  if (callbacks.length > limit) throw invalidArgument(`cannot attach more than ${limit} callbacks to a workflow`);
  return callbacks.map((callback) => {
    if (callback.nexus !== undefined) {
      return { ...callback, nexus: { ...callback.nexus, header: checkNexus(call, callback.nexus) } };
    }
    if (callback.internal !== undefined) return callback;
    throw unimplemented('unknown callback variant: <nil>');
  });
}

function checkNexus(call: RpcCall, nexus: NonNullable<Callback['nexus']>): Map<string, string> {
  const maxLength = call.setting(CALLBACK_URL_MAX_LENGTH);
  if (isLongerThan(nexus.url, maxLength)) {
    throw invalidArgument(`invalid url: url length longer than max length allowed of ${maxLength}`);
  }
  checkCallbackAddress(call, nexus.url);
  const maxHeaderSize = call.setting(CALLBACK_HEADER_MAX_SIZE);
  const lowerCase = new Map<string, string>();
  let headerSize = 0;
  for (const [name, value] of nexus.header) {
    headerSize += Buffer.byteLength(name) + Buffer.byteLength(value);
    lowerCase.set(name.toLowerCase(), value);
  }
  if (headerSize > maxHeaderSize) {
    throw invalidArgument(`invalid header: header size longer than max allowed size of ${maxHeaderSize}`);
  }
  return lowerCase;
}
