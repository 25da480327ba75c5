// gRPC codes as HTTP statuses (grpc-gateway HTTPStatusFromCode). Main loop.

import { GrpcCode } from '../../base/service-error.ts';

const STATUS: ReadonlyMap<number, number> = new Map([
  [GrpcCode.OK, 200],
  [GrpcCode.CANCELLED, 499],
  [GrpcCode.UNKNOWN, 500],
  [GrpcCode.INVALID_ARGUMENT, 400],
  [GrpcCode.DEADLINE_EXCEEDED, 504],
  [GrpcCode.NOT_FOUND, 404],
  [GrpcCode.ALREADY_EXISTS, 409],
  [GrpcCode.PERMISSION_DENIED, 403],
  [GrpcCode.UNAUTHENTICATED, 401],
  [GrpcCode.RESOURCE_EXHAUSTED, 429],
  // Not 412: that is about headers of a conditional request.
  [GrpcCode.FAILED_PRECONDITION, 400],
  [GrpcCode.ABORTED, 409],
  [GrpcCode.OUT_OF_RANGE, 400],
  [GrpcCode.UNIMPLEMENTED, 501],
  [GrpcCode.INTERNAL, 500],
  [GrpcCode.UNAVAILABLE, 503],
  [GrpcCode.DATA_LOSS, 500],
]);

export function httpStatusOf(code: number): number {
  return STATUS.get(code) ?? 500;
}
