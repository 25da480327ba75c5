import type { ShardTask } from '#proto/ostinato/persistence/v1';
import { type MaybePromise, whenReady } from '../../base/maybe-promise.ts';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import type { ActivityExecution } from '../activity-execution/activity-execution.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

/** The run a queued task is about; undefined when it, or its namespace, is gone, which makes the task obsolete. */
export function findForTask(shard: Shard, task: ShardTask): MaybePromise<Workflow | undefined> {
  return unlessGone(() => shard.find(task.namespaceId, task.workflowId, task.runId));
}

/** As `findForTask`, for a task that means nothing to a run that has ended. */
export function findOpenForTask(shard: Shard, task: ShardTask): MaybePromise<Workflow | undefined> {
  if (shard.isKnownEnded(task.runId)) return undefined;
  return whenReady(findForTask(shard, task), (workflow) => (workflow?.isRunning ? workflow : undefined));
}

/** The same for a task about an activity without a workflow. */
export function findActivityForTask(shard: Shard, task: ShardTask): MaybePromise<ActivityExecution | undefined> {
  return unlessGone(() => shard.activities.find(task.namespaceId, task.workflowId, task.runId));
}

function unlessGone<T>(find: () => MaybePromise<T | undefined>): MaybePromise<T | undefined> {
  try {
    const found = find();
    return found instanceof Promise ? found.catch(goneIfNotFound) : found;
  } catch (error) {
    return goneIfNotFound(error);
  }
}

function goneIfNotFound(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND) return undefined;
  throw error;
}
