// Deletes an activity without a workflow: an open one is terminated first. Answered when the duty is durable; the deletion itself
// follows.

import {
  DeleteActivityExecutionRequest,
  DeleteActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { terminateActivity } from '../activity-execution/close.ts';
import type { ApiHandler } from '../engine.ts';
import { TaskType } from '../queues/task-type.ts';

export const deleteActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const { activityId, runId } = DeleteActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, activityId, runId);
  await shard.activities.update(execution, () => {
    if (execution.isOpen) {
      terminateActivity(execution, { reason: 'Delete activity execution', identity: '', requestId: '' });
    }
    execution.addTask(TaskCategory.TRANSFER, { type: TaskType.DELETE_ACTIVITY_EXECUTION });
  });
  return DeleteActivityExecutionResponse.encode({});
};
