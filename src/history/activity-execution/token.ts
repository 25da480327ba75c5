// Activity executions as clients carry them around: in task tokens, and in the tokens of long polls, which also say what the caller
// has seen. The fields are those of Temporal's own tokens (ChasmComponentRef, v1.32).

import { ComponentRef, TaskToken } from '#proto/ostinato/token/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { ACTIVITY_ARCHETYPE_ID } from '../../visibility/search-attributes/definitions.ts';
import type { ActivityExecution } from './activity-execution.ts';

const refOf = ({ namespaceId, activityId, runId }: ActivityExecution) => ({
  namespaceId,
  businessId: activityId,
  runId,
  archetypeId: ACTIVITY_ARCHETYPE_ID,
});

/** Names the attempt that a worker has. */
export function encodeTaskToken(execution: ActivityExecution): Uint8Array {
  const { state, namespaceId, activityId } = execution;
  return TaskToken.encode({
    namespaceId,
    activityId,
    activityType: state.activityType,
    attempt: state.attempt,
    componentRef: ComponentRef.encode(refOf(execution)),
    activityAttemptStamp: state.startedStamp,
  });
}

/** Names the execution as it stands. */
export function encodeLongPollToken(execution: ActivityExecution): Uint8Array {
  return ComponentRef.encode({
    ...refOf(execution),
    executionVersionedTransition: {
      namespaceFailoverVersion: execution.version,
      transitionCount: execution.state.stateTransitionCount,
    },
  });
}

export function decodeComponentRef(bytes: Uint8Array, problem: string): ComponentRef {
  let ref: ComponentRef;
  try {
    ref = ComponentRef.decode(bytes);
  } catch {
    throw invalidArgument(problem);
  }
  if (ref.businessId === '' || ref.namespaceId === '') throw invalidArgument(problem);
  return ref;
}

/** Whether the execution has changed since the token was given out. */
export function hasChangedSince(execution: ActivityExecution, longPollToken: Uint8Array): boolean {
  const ref = decodeComponentRef(longPollToken, 'invalid long poll token');
  const { namespaceId, activityId, runId } = execution;
  if (ref.namespaceId !== namespaceId || ref.businessId !== activityId || ref.runId !== runId) {
    throw invalidArgument('long poll token does not match execution');
  }
  return execution.state.stateTransitionCount > (ref.executionVersionedTransition?.transitionCount ?? 0);
}
