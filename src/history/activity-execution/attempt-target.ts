// The activity execution that a worker's call is about: by task token, or by id without a workflow's.

import type { TaskToken } from '#proto/ostinato/token/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Shard } from '../shard/shard.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { activityExecutionNotFound, hasEnded } from './errors.ts';
import { decodeComponentRef } from './token.ts';

export interface AttemptTarget {
  readonly activityId: string;
  /** '' for the current run. */
  readonly runId: string;
  /** 0 for whichever it is. */
  readonly attempt: number;
  readonly stamp: number;
}

/** Whether the token is of an activity without a workflow. */
export const isOfActivityExecution = (token: TaskToken): boolean => token.componentRef.length !== 0;

export function attemptOfToken(token: TaskToken, namespaceId: string): AttemptTarget {
  const ref = decodeComponentRef(token.componentRef, 'malformed token');
  if (ref.namespaceId !== namespaceId) throw invalidArgument('token does not match namespace');
  return {
    activityId: ref.businessId,
    runId: ref.runId,
    attempt: token.attempt,
    stamp: token.activityAttemptStamp,
  };
}

export function attemptById(request: { readonly activityId: string; readonly runId: string }): AttemptTarget {
  return { activityId: request.activityId, runId: request.runId, attempt: 0, stamp: 0 };
}

/**
 * Decides on the execution and answers when that is durable. Throws NOT_FOUND if no worker has the attempt; checked within the
 * decision, so that of two equal calls only one finds it. By id, one that no worker has may be ended too, with `allowUnstarted`.
 */
export async function updateAttempt<T>(
  shard: Shard,
  namespaceId: string,
  target: AttemptTarget,
  decide: (execution: ActivityExecution) => T,
  { allowUnstarted = false } = {},
): Promise<T> {
  const execution = await shard.activities.get(namespaceId, target.activityId, target.runId);
  return shard.activities.update(execution, () => {
    checkAttempt(execution, target, allowUnstarted);
    return decide(execution);
  });
}

function checkAttempt(execution: ActivityExecution, target: AttemptTarget, allowUnstarted: boolean): void {
  const { state } = execution;
  const isById = target.attempt === 0;
  // Whom no attempt keeps out, the state does.
  if (allowUnstarted && isById && !execution.isOpen) throw hasEnded(state.stage);
  const mayBeEnded = execution.hasAttemptInProgress || (allowUnstarted && isById);
  const isCurrent = isById || target.attempt === state.attempt;
  const isSameStart = target.stamp === 0 || state.startedStamp === 0 || target.stamp === state.startedStamp;
  if (!mayBeEnded || !isCurrent || !isSameStart) throw activityExecutionNotFound(execution.activityId);
}
