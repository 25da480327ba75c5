// The errors that reach a client: a gRPC code, Temporal's message, and Temporal's typed detail. They cross threads and hosts
// as google.rpc.Status. Any service throws them; the frontend and the rings encode them.

/** google.rpc.Code. */
export const GrpcCode = Object.freeze({
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
});
export type GrpcCode = (typeof GrpcCode)[keyof typeof GrpcCode];

/** One detail of a status: the content of a google.protobuf.Any. */
export interface ErrorDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: GrpcCode;
  readonly details: readonly ErrorDetail[];

  constructor(code: GrpcCode, message: string, details: readonly ErrorDetail[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** Whether the first detail is of this message type, `temporal.api.errordetails.v1.NotFoundFailure`. */
  is(typeName: string): boolean {
    return this.details[0]?.typeUrl === `type.googleapis.com/${typeName}`;
  }
}
