// What to do with a task whose start history refused, by the error's code. Temporal: the error switch in
// matching_engine.go's poll loops and priTaskReader.completeTask, v1.31.

import { ResourceExhaustedCause } from '#proto/temporal/api/enums/v1';
import { ResourceExhaustedFailure } from '#proto/temporal/api/errordetails/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { MAX_ATTEMPTS_ON_INTERNAL_ERROR } from './limits.ts';

export type StartFailure =
  /** Already started, no longer wanted, paused: history schedules anew when there is something to do. */
  | 'obsolete'
  /** History cannot start it and never will. */
  | 'poisoned'
  /** Not started for now, or nobody knows: it has to be offered again. */
  | 'transient'
  /** The same, for load: the poller is told, so that it backs off. */
  | 'overloaded';

export function classifyStartFailure(error: unknown, attempts: number): StartFailure {
  if (!(error instanceof ServiceError)) return attempts >= MAX_ATTEMPTS_ON_INTERNAL_ERROR ? 'poisoned' : 'transient';
  switch (error.code) {
    case GrpcCode.NOT_FOUND:
    case GrpcCode.ALREADY_EXISTS:
    case GrpcCode.FAILED_PRECONDITION:
      return 'obsolete';
    case GrpcCode.RESOURCE_EXHAUSTED:
      return isBusyWorkflow(error) ? 'transient' : 'overloaded';
    case GrpcCode.INTERNAL:
    case GrpcCode.DATA_LOSS:
    case GrpcCode.INVALID_ARGUMENT:
    case GrpcCode.UNIMPLEMENTED:
      return attempts >= MAX_ATTEMPTS_ON_INTERNAL_ERROR ? 'poisoned' : 'transient';
    default:
      return 'transient';
  }
}

/** One workflow is busy: others are worth trying at once. */
function isBusyWorkflow(error: ServiceError): boolean {
  if (!error.is(ResourceExhaustedFailure.typeName)) return false;
  const { cause } = ResourceExhaustedFailure.decode(error.details[0]!.value);
  return cause === ResourceExhaustedCause.BUSY_WORKFLOW;
}
