// What is known of an activity without a workflow: at once, or, with the token of an earlier description, when it has changed.

import {
  DescribeActivityExecutionRequest,
  DescribeActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { describeActivity } from '../activity-execution/describe.ts';
import { hasChangedSince } from '../activity-execution/token.ts';
import { settledActivity, waitForActivity } from '../activity-execution/wait-for-activity.ts';
import type { ApiHandler } from '../engine.ts';

export const describeActivityExecution: ApiHandler = async (engine, shard, api, call) => {
  const request = DescribeActivityExecutionRequest.decode(api.request);
  const { activityId, runId, longPollToken } = request;
  if (longPollToken.length === 0) {
    const execution = await settledActivity(shard, api.namespaceId, activityId, runId);
    return DescribeActivityExecutionResponse.encode(describeActivity(execution, request));
  }
  const key = { namespaceId: api.namespaceId, activityId, runId };
  const described = await waitForActivity(engine, shard, call, key, (execution) =>
    hasChangedSince(execution, longPollToken) ? describeActivity(execution, request) : undefined,
  );
  return DescribeActivityExecutionResponse.encode(described ?? {});
};
