// Why a workflow task is failed instead of completed. Thrown by the validators, caught by the completion of workflow tasks.

import { type WorkflowTaskFailedCause, WorkflowTaskFailedCauseNames } from '#proto/temporal/api/enums/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  override readonly cause: WorkflowTaskFailedCause;
  /** The command broke a limit that a retry cannot mend: the workflow is terminated after its task failed. */
  readonly terminatesWorkflow: boolean;

  constructor(cause: WorkflowTaskFailedCause, message: string, options: { terminatesWorkflow?: boolean } = {}) {
    super(message);
    this.cause = cause;
    this.terminatesWorkflow = options.terminatesWorkflow ?? false;
  }

  /** What the failed event, the termination's reason and the worker's answer say: `BadStartTimerAttributes: ...`. */
  get failureMessage(): string {
    const name = WorkflowTaskFailedCauseNames.get(this.cause) ?? String(this.cause);
    return this.message === '' ? name : `${name}: ${this.message}`;
  }
}

/** Runs a check that throws INVALID_ARGUMENT and lays the blame on the command. Other errors go on to the caller. */
export function blame<T>(cause: WorkflowTaskFailedCause, check: () => T, wrap?: (message: string) => string): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ServiceError && error.code === GrpcCode.INVALID_ARGUMENT) {
      throw new CommandError(cause, wrap ? wrap(error.message) : error.message);
    }
    throw error;
  }
}
