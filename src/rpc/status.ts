// gRPC status codes and the encoding of `google.rpc.Status`, the message behind `grpc-status-details-bin`. Used by every
// service that answers with a typed error, and by clients and tests that read one. Pure functions; any thread.

import { Reader } from '../proto/wire.ts';
import type { RpcStatus } from './handler.ts';
import { bytesField, stringField, varintField } from './protobuf-fields.ts';

/** The gRPC status codes (grpc/doc/statuscodes.md). */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

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

/** Encodes `google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }`. */
export function encodeStatusDetails(code: number, message: string, details: readonly StatusDetail[]): Uint8Array {
  const fields: Buffer[] = [];
  if (code !== 0) fields.push(varintField(1, code));
  if (message !== '') fields.push(stringField(2, message));
  for (const detail of details) {
    const any = [stringField(1, TYPE_URL_PREFIX + detail.typeName)];
    if (detail.value.length > 0) any.push(bytesField(2, detail.value));
    fields.push(bytesField(3, Buffer.concat(any)));
  }
  return Buffer.concat(fields);
}

/** What `encodeStatusDetails` wrote. Unknown fields are skipped; bytes that are no such message throw WireError. */
export function decodeStatusDetails(bytes: Uint8Array): { code: number; message: string; details: StatusDetail[] } {
  const reader = new Reader(bytes);
  const status = { code: 0, message: '', details: [] as StatusDetail[] };
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x08) status.code = reader.int32();
    else if (tag === 0x12) status.message = reader.string();
    else if (tag === 0x1a) status.details.push(decodeAny(reader.bytes()));
    else reader.skip(tag);
  }
  return status;
}

function decodeAny(bytes: Uint8Array): StatusDetail {
  const reader = new Reader(bytes);
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array(0);
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x0a) typeUrl = reader.string();
    else if (tag === 0x12) value = reader.bytes();
    else reader.skip(tag);
  }
  return { typeName: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value };
}
