// gRPC statuses with typed details: `google.rpc.Status`, the message behind `grpc-status-details-bin`. For services of the
// transport itself, clients and tests; the frontend encodes its ServiceErrors by itself. Pure functions; any thread.

import { Status } from '#proto/google/rpc';
import type { RpcStatus } from './handler.ts';

export { GrpcCode } from '../base/service-error.ts';

/** One typed detail of an error: a protobuf message's full name and its encoded bytes. */
export interface StatusDetail {
  /** Without the `type.googleapis.com/` prefix, e.g. `temporal.api.errordetails.v1.NotFoundFailure`. */
  readonly typeName: string;
  readonly value: Uint8Array;
}

const TYPE_URL_PREFIX = 'type.googleapis.com/';

/** A status, with `google.rpc.Status` around its details when there are any. */
export function rpcStatus(code: number, message: string, details: readonly StatusDetail[] = []): RpcStatus {
  if (details.length === 0) return { code, message };
  return { code, message, details: encodeStatusDetails(code, message, details) };
}

export function encodeStatusDetails(code: number, message: string, details: readonly StatusDetail[]): Uint8Array {
  const anys = details.map(({ typeName, value }) => ({ typeUrl: TYPE_URL_PREFIX + typeName, value }));
  return Status.encode({ code, message, details: anys });
}

/** What `encodeStatusDetails` wrote. Bytes that are no such message throw WireError. */
export function decodeStatusDetails(bytes: Uint8Array): { code: number; message: string; details: StatusDetail[] } {
  const { code, message, details } = Status.decode(bytes);
  const named = details.map(({ typeUrl, value }) => ({ typeName: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value }));
  return { code, message, details: named };
}
