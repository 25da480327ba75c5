// How an error leaves: masked where Temporal masks it, with its typed detail, and with the headers that Temporal adds when a limit
// refuses a call (mask_internal_error.go, frontend_service_error.go, v1.31). Called by the dispatcher. Main loop.

import { Buffer } from 'node:buffer';
import { ResourceExhaustedCauseNames, ResourceExhaustedScopeNames } from '#proto/temporal/api/enums/v1';
import { ResourceExhaustedFailure } from '#proto/temporal/api/errordetails/v1';
import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { encodeStatus } from '../proto/service-errors.ts';
import { UNREADABLE_REQUEST } from '../proto/unreadable-request.ts';
import { settingOf } from './frontend-services.ts';
import type { RpcCall } from './rpc-call.ts';
import { MASK_INTERNAL_ERRORS } from './settings.ts';

const MASKED_MESSAGE = 'something went wrong, please retry';

export function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ServiceError(GrpcCode.UNKNOWN, message, [], { cause: error });
}

export function answerError(call: RpcCall, error: ServiceError): void {
  const answer = masked(call, error);
  if (answer.code === GrpcCode.RESOURCE_EXHAUSTED) setResourceExhaustedHeaders(call, answer);
  // As grpc-go: without details the code and the message say it all.
  const details = answer.details.length === 0 ? undefined : encodeStatus(answer);
  call.server.fail({ code: answer.code, message: answer.message, details });
}

/** Hides what went wrong inside from callers about a known namespace; the hash finds the original in the log. */
function masked(call: RpcCall, error: ServiceError): ServiceError {
  if (error.is(UNREADABLE_REQUEST)) return new ServiceError(error.code, error.message);
  const code = call.namespace === undefined ? GrpcCode.OK : error.code;
  if (code === GrpcCode.DATA_LOSS) return new ServiceError(GrpcCode.UNAVAILABLE, 'internal history service error');
  if (code !== GrpcCode.UNKNOWN && code !== GrpcCode.INTERNAL) return error;
  if (!settingOf(call.services, MASK_INTERNAL_ERRORS, call.namespaceName)) return error;
  const hash = farmFingerprint32(Buffer.from(error.message)).toString(16).padStart(8, '0');
  call.services.logger.error(
    { operation: call.rpc.method, 'wf-namespace': call.namespaceName, hash, grpc_code: error.code, err: error },
    'masked service failures',
  );
  return new ServiceError(error.code, `${MASKED_MESSAGE} (${hash})`);
}

export interface ExhaustedBy {
  readonly cause: string;
  readonly scope: string;
}

/** Cause and scope of a RESOURCE_EXHAUSTED as Temporal prints them. */
export function exhaustedBy(error: ServiceError): ExhaustedBy {
  const detail = error.is(ResourceExhaustedFailure.typeName) ? error.details[0] : undefined;
  const failure = detail === undefined ? undefined : ResourceExhaustedFailure.decode(detail.value);
  return {
    cause: ResourceExhaustedCauseNames.get(failure?.cause ?? 0) ?? String(failure?.cause),
    scope: ResourceExhaustedScopeNames.get(failure?.scope ?? 0) ?? String(failure?.scope),
  };
}

function setResourceExhaustedHeaders(call: RpcCall, error: ServiceError): void {
  const { cause, scope } = exhaustedBy(error);
  call.server.setHeader('x-resource-exhausted-cause', cause);
  call.server.setHeader('x-resource-exhausted-scope', scope);
}
