// The activity of a workflow that a worker's call is about: by task token, or by workflow and activity id. For activities without a
// workflow see activity-execution/attempt-target.ts.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskToken } from '#proto/ostinato/token/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { isUuid } from '../commands/validate/index.ts';
import { activityTaskNotFound, deserializingToken, noActivityWithId, workflowCompleted } from '../errors.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface ActivityTarget {
  readonly workflowId: string;
  readonly runId: string;
  /** 0 when the caller only knows the activity's id. */
  readonly scheduledEventId: number;
  readonly activityId: string;
  readonly attempt: number;
  readonly version: number;
}

export function decodeActivityToken(taskToken: Uint8Array): TaskToken {
  try {
    return TaskToken.decode(taskToken);
  } catch {
    throw deserializingToken();
  }
}

export function targetById(request: {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}): ActivityTarget {
  if (request.runId !== '' && !isUuid(request.runId)) throw invalidArgument('RunId is not valid UUID.');
  return { ...request, scheduledEventId: 0, attempt: 0, version: 0 };
}

export interface ActivityOptions {
  /** By id, an attempt that no worker has may be ended too. */
  readonly allowUnstarted?: boolean;
}

/**
 * Decides on the activity and answers when that is durable. Throws NOT_FOUND if the run has ended, or the attempt is not the
 * current one; checked within the decision, so that of two equal calls only one finds it.
 */
export async function updateActivity<T>(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  decide: (workflow: Workflow, activity: ActivityInfo) => T,
  options: ActivityOptions = {},
): Promise<T> {
  const workflow = await shard.workflow(namespaceId, target.workflowId, target.runId);
  return shard.update(workflow, () => decide(workflow, requireActivity(workflow, target, options)));
}

function requireActivity(workflow: Workflow, target: ActivityTarget, options: ActivityOptions): ActivityInfo {
  if (!workflow.isRunning) throw workflowCompleted();
  if (target.scheduledEventId === 0) {
    const activity = workflow.activities.named(target.activityId);
    if (activity === undefined) throw noActivityWithId(target.activityId);
    if (activity.startedEventId === 0 && options.allowUnstarted !== true) throw activityTaskNotFound();
    return activity;
  }
  const activity = workflow.activities.get(target.scheduledEventId);
  const isCurrent =
    activity !== undefined &&
    activity.startedEventId !== 0 &&
    activity.attempt === target.attempt &&
    (target.version === 0 || target.version === activity.version);
  if (activity === undefined || !isCurrent) throw activityTaskNotFound();
  return activity;
}
