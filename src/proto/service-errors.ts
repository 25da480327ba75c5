// Makers of the errors that Temporal's API answers with, code and typed detail as in go.temporal.io/api/serviceerror.

import { Status } from '#proto/google/rpc';
import * as errordetails from '#proto/temporal/api/errordetails/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { MessageCodec } from './wire.ts';

function detailed<T, Init>(code: GrpcCode, message: string, codec: MessageCodec<T, Init>, detail: Init): ServiceError {
  return new ServiceError(code, message, [
    { typeUrl: `type.googleapis.com/${codec.typeName}`, value: codec.encode(detail) },
  ]);
}

export const invalidArgument = (message: string): ServiceError => new ServiceError(GrpcCode.INVALID_ARGUMENT, message);

export const notFound = (message: string, currentCluster = '', activeCluster = ''): ServiceError =>
  detailed(GrpcCode.NOT_FOUND, message, errordetails.NotFoundFailure, { currentCluster, activeCluster });

export const namespaceNotFound = (namespace: string): ServiceError =>
  detailed(GrpcCode.NOT_FOUND, `Namespace ${namespace} is not found.`, errordetails.NamespaceNotFoundFailure, {
    namespace,
  });

export const namespaceAlreadyExists = (message: string): ServiceError =>
  detailed(GrpcCode.ALREADY_EXISTS, message, errordetails.NamespaceAlreadyExistsFailure, {});

export const workflowAlreadyStarted = (message: string, startRequestId: string, runId: string): ServiceError =>
  detailed(GrpcCode.ALREADY_EXISTS, message, errordetails.WorkflowExecutionAlreadyStartedFailure, {
    startRequestId,
    runId,
  });

export const activityAlreadyStarted = (message: string, startRequestId: string, runId: string): ServiceError =>
  detailed(GrpcCode.ALREADY_EXISTS, message, errordetails.ActivityExecutionAlreadyStartedFailure, {
    startRequestId,
    runId,
  });

export const alreadyExists = (message: string): ServiceError => new ServiceError(GrpcCode.ALREADY_EXISTS, message);

export const workflowNotReady = (message: string): ServiceError =>
  detailed(GrpcCode.FAILED_PRECONDITION, message, errordetails.WorkflowNotReadyFailure, {});

export const queryFailed = (message: string, failure?: Uint8Array): ServiceError =>
  detailed(GrpcCode.INVALID_ARGUMENT, message, errordetails.QueryFailedFailure, { failure });

export const cancellationAlreadyRequested = (message: string): ServiceError =>
  detailed(GrpcCode.ALREADY_EXISTS, message, errordetails.CancellationAlreadyRequestedFailure, {});

export const failedPrecondition = (message: string): ServiceError =>
  new ServiceError(GrpcCode.FAILED_PRECONDITION, message);

export const permissionDenied = (message: string, reason = ''): ServiceError =>
  detailed(GrpcCode.PERMISSION_DENIED, message, errordetails.PermissionDeniedFailure, { reason });

export const namespaceInvalidState = (
  message: string,
  namespace: string,
  state: number,
  allowedStates: readonly number[],
): ServiceError =>
  detailed(GrpcCode.FAILED_PRECONDITION, message, errordetails.NamespaceInvalidStateFailure, {
    namespace,
    state,
    allowedStates,
  });

export const namespaceNotActive = (
  message: string,
  namespace: string,
  currentCluster: string,
  activeCluster: string,
): ServiceError =>
  detailed(GrpcCode.FAILED_PRECONDITION, message, errordetails.NamespaceNotActiveFailure, {
    namespace,
    currentCluster,
    activeCluster,
  });

export const clientVersionNotSupported = (
  message: string,
  clientVersion: string,
  clientName: string,
  supportedVersions: string,
): ServiceError =>
  detailed(GrpcCode.FAILED_PRECONDITION, message, errordetails.ClientVersionNotSupportedFailure, {
    clientVersion,
    clientName,
    supportedVersions,
  });

export const serverVersionNotSupported = (
  message: string,
  serverVersion: string,
  clientSupportedServerVersions: string,
): ServiceError =>
  detailed(GrpcCode.FAILED_PRECONDITION, message, errordetails.ServerVersionNotSupportedFailure, {
    serverVersion,
    clientSupportedServerVersions,
  });

/** `cause` is a temporal.api.enums.v1.ResourceExhaustedCause, `scope` a ResourceExhaustedScope. */
export const resourceExhausted = (message: string, cause: number, scope = 0): ServiceError =>
  detailed(GrpcCode.RESOURCE_EXHAUSTED, message, errordetails.ResourceExhaustedFailure, { cause, scope });

/** The answers of a multi-operation (update-with-start), one status per operation. */
export const multiOperationFailed = (
  message: string,
  code: GrpcCode,
  statuses: readonly { code: number; message: string; details?: readonly { typeUrl: string; value: Uint8Array }[] }[],
): ServiceError => detailed(code, message, errordetails.MultiOperationExecutionFailure, { statuses });

export const unimplemented = (message: string): ServiceError => new ServiceError(GrpcCode.UNIMPLEMENTED, message);
export const unavailable = (message: string): ServiceError => new ServiceError(GrpcCode.UNAVAILABLE, message);
export const internal = (message: string): ServiceError => new ServiceError(GrpcCode.INTERNAL, message);
export const deadlineExceeded = (message: string): ServiceError =>
  new ServiceError(GrpcCode.DEADLINE_EXCEEDED, message);
export const canceled = (message: string): ServiceError => new ServiceError(GrpcCode.CANCELLED, message);
export const unauthenticated = (message: string): ServiceError => new ServiceError(GrpcCode.UNAUTHENTICATED, message);

/** A google.rpc.Status, for `grpc-status-details-bin`, rings and internode calls. */
export function encodeStatus(error: ServiceError): Uint8Array {
  return Status.encode({ code: error.code, message: error.message, details: error.details });
}

export function decodeStatus(bytes: Uint8Array): ServiceError {
  const { code, message, details } = Status.decode(bytes);
  return new ServiceError(code as GrpcCode, message, details);
}
