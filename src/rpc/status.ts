// gRPC status codes and the encoding of `google.rpc.Status`, the message behind `grpc-status-details-bin`. Used by every
// service that answers with a typed error, and by clients and tests that read one. Pure functions; any thread.

import type { RpcStatus } from './handler.ts';

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
  const parts: Uint8Array[] = [];
  if (code !== 0) parts.push(Uint8Array.of(0x08), varint(code));
  if (message !== '') parts.push(...lengthDelimited(0x12, Buffer.from(message, 'utf8')));
  for (const detail of details) {
    const typeUrl = lengthDelimited(0x0a, Buffer.from(TYPE_URL_PREFIX + detail.typeName, 'utf8'));
    const value = detail.value.length === 0 ? [] : lengthDelimited(0x12, detail.value);
    parts.push(...lengthDelimited(0x1a, Buffer.concat([...typeUrl, ...value])));
  }
  return Buffer.concat(parts);
}

/** What `encodeStatusDetails` wrote. Unknown fields are skipped; a truncated message throws. */
export function decodeStatusDetails(bytes: Uint8Array): { code: number; message: string; details: StatusDetail[] } {
  let code = 0;
  let message = '';
  const details: StatusDetail[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) code = field.varint;
    else if (field.number === 2) message = Buffer.from(field.bytes).toString('utf8');
    else if (field.number === 3) details.push(decodeAny(field.bytes));
  }
  return { code, message, details };
}

function decodeAny(bytes: Uint8Array): StatusDetail {
  let typeName = '';
  let value: Uint8Array = new Uint8Array(0);
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) typeName = Buffer.from(field.bytes).toString('utf8');
    else if (field.number === 2) value = field.bytes;
  }
  return { typeName: typeName.slice(typeName.lastIndexOf('/') + 1), value };
}

interface ProtobufField {
  readonly number: number;
  readonly varint: number;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('google.rpc.Status is truncated');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = readVarint();
    const number = Math.floor(key / 8);
    const wireType = key & 7;
    if (wireType === 0) yield { number, varint: readVarint(), bytes: NO_BYTES };
    else if (wireType === 2) {
      const length = readVarint();
      if (at + length > bytes.length) throw new RangeError('google.rpc.Status is truncated');
      yield { number, varint: 0, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else if (wireType === 5) at += 4;
    else if (wireType === 1) at += 8;
    else throw new RangeError(`google.rpc.Status has wire type ${wireType}`);
  }
}

function lengthDelimited(key: number, bytes: Uint8Array): Uint8Array[] {
  return [Uint8Array.of(key), varint(bytes.length), bytes];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
