// A worker that shuts down gives its runs back to the normal queue.

import { ResetStickyTaskQueueRequest, ResetStickyTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { clearStickyTaskQueue } from '../workflow/workflow-task.ts';

export const resetStickyTaskQueue: ApiHandler = async (_engine, shard, api) => {
  const { execution } = ResetStickyTaskQueueRequest.decode(api.request);
  const workflow = await shard.workflow(api.namespaceId, execution?.workflowId ?? '', execution?.runId ?? '');
  if (!workflow.isRunning) throw workflowCompleted();
  // Known in memory until the run's next write: a sticky queue without a worker is left after its timeout all the same.
  shard.decide(
    workflow,
    () => clearStickyTaskQueue(workflow),
    () => 'memory',
  );
  await shard.settled(workflow);
  return ResetStickyTaskQueueResponse.encode({});
};
