// What an aborted update answers to those who wait for it, by reason and state. Source: update/abort_reason.go, v1.31.2.

import { Failure } from '#proto/temporal/api/failure/v1';
import { assertNever } from '../../../base/invariant.ts';
import type { ServiceError } from '../../../base/service-error.ts';
import { notFound, unavailable, workflowNotReady } from '../../../proto/service-errors.ts';
import type { Encoded } from '../../../proto/wire.ts';
import { workflowClosing } from '../../errors.ts';
import { AbortReason, UpdateState } from './update-state.ts';

/** A failure is the update's outcome; an error refuses the call. */
export type AbortAnswer =
  | { readonly kind: 'failure'; readonly failure: Encoded<Failure> }
  | { readonly kind: 'error'; readonly error: ServiceError };

/** Undefined when an update in this state is not aborted for this reason. */
export function abortAnswer(reason: AbortReason, state: UpdateState): AbortAnswer | undefined {
  if (state === UpdateState.COMPLETED || state === UpdateState.ABORTED) return undefined;
  const isAccepted = state === UpdateState.ACCEPTED;
  switch (reason) {
    case AbortReason.WORKFLOW_COMPLETED:
      return isAccepted ? acceptedButClosed() : { kind: 'error', error: updateAbortedByClosing() };
    case AbortReason.WORKFLOW_CONTINUING:
      return isAccepted ? acceptedButClosed() : { kind: 'error', error: workflowClosing() };
    case AbortReason.WORKFLOW_TASK_FAILED:
      // Differs: Temporal loses its registry with the failed task and has clients ask again for updates that the worker has
      // not seen; here they stay admitted and go with the next task.
      return state === UpdateState.SENT ? { kind: 'error', error: workflowTaskFailed() } : undefined;
    default:
      return assertNever(reason, 'abort reason');
  }
}

/** The caller's retry admits the update again. */
export const updateAbortedByServer = (): ServiceError => unavailable('workflow update was aborted');

export const updateAbortedByClosing = (): ServiceError => notFound('workflow update was aborted by closing workflow');

/** The worker saw the update and failed on it: a retry of the call would only fail again. */
const workflowTaskFailed = (): ServiceError =>
  workflowNotReady('Unable to perform workflow execution update due to unexpected workflow task failure.');

/** Whoever knows that an update was accepted expects an outcome and no error. */
function acceptedButClosed(): AbortAnswer {
  const failure = Failure.encode({
    message: 'Workflow Update failed because the Workflow completed before the Update completed.',
    source: 'Server',
    applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
  });
  return { kind: 'failure', failure };
}

/** The worker completed the workflow task that carried the update and said nothing of it. */
export function unprocessedUpdateFailure(): Encoded<Failure> {
  return Failure.encode({
    message:
      "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.",
    source: 'Server',
    applicationFailureInfo: { type: 'UnprocessedUpdate', nonRetryable: true },
  });
}
