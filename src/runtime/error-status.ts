// Errors between threads and hosts: a ServiceError as an encoded google.rpc.Status and back. Any thread.

import { Status } from '#proto/google/rpc';
import { GrpcCode, ServiceError } from '../base/service-error.ts';

export function encodeErrorStatus(error: ServiceError): Uint8Array {
  return Status.encode({ code: error.code, message: error.message, details: error.details });
}

export function decodeErrorStatus(bytes: Uint8Array): ServiceError {
  const status = Status.decode(bytes);
  return new ServiceError(status.code as GrpcCode, status.message, status.details);
}

/** What a caller gets for an error that no handler turned into a ServiceError: our fault, and said without inner details. */
export function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ServiceError(GrpcCode.INTERNAL, message, [], { cause: error });
}

export const callCancelled = (): ServiceError => new ServiceError(GrpcCode.CANCELLED, 'context canceled');

export const deadlineExceeded = (): ServiceError =>
  new ServiceError(GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');

export const threadUnavailable = (thread: string): ServiceError =>
  new ServiceError(GrpcCode.UNAVAILABLE, `${thread} is restarting`);

export const threadOverloaded = (thread: string): ServiceError =>
  new ServiceError(GrpcCode.RESOURCE_EXHAUSTED, `${thread} has too many requests waiting`);
