// First look at the namespace: its name's length, and for requests with a task token, whose name may be missing, the namespace
// that the token names (namespace_validator.go NamespaceValidateIntercept, v1.31). Main loop.

import { QueryTaskToken, TaskToken } from '#proto/ostinato/token/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { WireError } from '../../proto/wire.ts';
import { settingOf } from '../frontend-services.ts';
import type { RpcCall } from '../rpc-call.ts';
import { MAX_ID_LENGTH } from '../settings.ts';
import type { Interceptor } from './interceptor.ts';

export const namespaceName: Interceptor = (call) => {
  const { namespace } = call.request;
  if (namespace === undefined) return;
  if (namespace !== '') {
    checkLength(call, namespace);
    call.namespaceName = namespace;
    return;
  }
  if (call.rpc.token === undefined) return;
  readToken(call);
  const record = call.services.namespaces.resolveId(call.tokenNamespaceId);
  if (record instanceof Promise) return record.then((found) => use(call, found));
  use(call, record);
};

function use(call: RpcCall, record: NamespaceRecord): void {
  call.namespaceName = record.name;
}

function checkLength(call: RpcCall, name: string): void {
  const limit = settingOf(call.services, MAX_ID_LENGTH);
  // A name in bytes is at most three times as long as in UTF-16 units.
  if (name.length * 3 > limit && Buffer.byteLength(name) > limit) {
    throw invalidArgument('Namespace length exceeds limit.');
  }
}

/** Decodes the token once per call. */
export function readToken(call: RpcCall): void {
  if (call.tokenNamespaceId !== '') return;
  const bytes = call.request.taskToken;
  if (bytes === undefined || bytes.length === 0) throw invalidArgument('Task token not set on request.');
  try {
    if (call.rpc.token === 'query') {
      call.tokenNamespaceId = QueryTaskToken.decode(bytes).namespaceId;
    } else {
      call.taskToken = TaskToken.decode(bytes);
      call.tokenNamespaceId = call.taskToken.namespaceId;
    }
  } catch (error) {
    if (error instanceof WireError) throw invalidArgument('Error deserializing task token.');
    throw error;
  }
  if (call.tokenNamespaceId === '') throw invalidArgument('Namespace not set on request.');
}
