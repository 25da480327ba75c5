// What a worker gets for an attempt of an activity execution: as for an activity of a workflow, without the workflow.

import { PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ActivityExecution } from './activity-execution.ts';
import { encodeTaskToken } from './token.ts';

export function composeActivityTask(execution: ActivityExecution): Uint8Array {
  const { state, request } = execution;
  return PollActivityTaskQueueResponse.encode({
    taskToken: encodeTaskToken(execution),
    workflowNamespace: execution.namespace.name,
    workflowExecution: {},
    activityType: { name: state.activityType },
    activityId: execution.activityId,
    activityRunId: execution.runId,
    header: request.header,
    input: request.input,
    heartbeatDetails: execution.content('heartbeat'),
    scheduledTime: state.scheduleTime,
    currentAttemptScheduledTime: state.scheduledTime,
    startedTime: state.startedTime,
    attempt: state.attempt,
    scheduleToCloseTimeout: state.scheduleToCloseTimeout,
    startToCloseTimeout: state.startToCloseTimeout,
    heartbeatTimeout: state.heartbeatTimeout,
    retryPolicy: state.retryPolicy,
    priority: state.priority,
  });
}
