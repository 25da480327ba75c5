// Waits for the outcome of an activity without a workflow. An empty answer asks for another call.

import { PollActivityExecutionRequest, PollActivityExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { outcomeOf } from '../activity-execution/close.ts';
import { waitForActivity } from '../activity-execution/wait-for-activity.ts';
import type { ApiHandler } from '../engine.ts';

export const pollActivityExecution: ApiHandler = async (engine, shard, api, call) => {
  const { activityId, runId } = PollActivityExecutionRequest.decode(api.request);
  const key = { namespaceId: api.namespaceId, activityId, runId };
  const response = await waitForActivity(engine, shard, call, key, (execution) =>
    execution.isOpen ? undefined : { runId: execution.runId, outcome: outcomeOf(execution) },
  );
  return PollActivityExecutionResponse.encode(response ?? {});
};
