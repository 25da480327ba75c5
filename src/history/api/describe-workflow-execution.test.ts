import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CommandType,
  PendingActivityState,
  PendingWorkflowTaskState,
  WorkflowExecutionStatus,
} from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const FAIL = [RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse] as const;

test('a running run shows what it waits for', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const describe = () => fixture.rpc('DescribeWorkflowExecution', DESCRIBE, { execution: { workflowId: 'w' } });
  const startMs = fixture.clock.nowMs();
  const runId = await fixture.start({ workflowId: 'w', workflowRunTimeout: 3_600_000, requestId: 'start' });
  const scheduled = await describe();
  assert.deepEqual(scheduled.workflowExecutionInfo?.execution, { workflowId: 'w', runId });
  assert.equal(scheduled.workflowExecutionInfo?.status, WorkflowExecutionStatus.RUNNING);
  assert.equal(scheduled.workflowExecutionInfo?.historyLength, 2);
  assert.equal(scheduled.workflowExecutionInfo?.firstRunId, runId);
  assert.equal(scheduled.workflowExtendedInfo?.originalStartTime, startMs);
  assert.equal(scheduled.workflowExtendedInfo?.runExpirationTime, startMs + 3_600_000);
  assert.equal(scheduled.workflowExtendedInfo?.requestIdInfos.get('start')?.eventId, 1);
  assert.equal(scheduled.executionConfig?.workflowRunTimeout, 3_600_000);
  assert.equal(scheduled.pendingWorkflowTask?.state, PendingWorkflowTaskState.SCHEDULED);

  const task = await fixture.pollWorkflowTask();
  assert.equal((await describe()).pendingWorkflowTask?.state, PendingWorkflowTaskState.STARTED);
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: 'a',
          activityType: { name: 'type' },
          taskQueue: { name: 'test-queue' },
          startToCloseTimeout: 60_000,
          retryPolicy: { initialInterval: 10_000, backoffCoefficient: 2, maximumAttempts: 5 },
        },
      },
    ],
  });
  const attempt = await fixture.pollActivityTask();
  const [started] = (await describe()).pendingActivities;
  assert.equal(started?.state, PendingActivityState.STARTED);
  assert.equal(started?.lastWorkerIdentity, 'test-worker');

  await fixture.rpc('RespondActivityTaskFailed', FAIL, {
    taskToken: attempt.taskToken,
    failure: Failure.encode({ message: 'boom', applicationFailureInfo: { type: 'E' } }),
  });
  const failedMs = fixture.clock.nowMs();
  const described = await describe();
  const [waiting] = described.pendingActivities;
  assert.equal(waiting?.state, PendingActivityState.SCHEDULED);
  assert.equal(waiting?.attempt, 2);
  assert.equal(waiting?.maximumAttempts, 5);
  assert.equal(waiting?.nextAttemptScheduleTime, failedMs + 10_000);
  assert.equal(waiting?.currentRetryInterval, 10_000);
  assert.equal(waiting?.lastAttemptCompleteTime, failedMs);
  assert.equal(Failure.decode(waiting?.lastFailure ?? Buffer.alloc(0)).message, 'boom');
  assert.equal(waiting?.activityOptions?.startToCloseTimeout, 60_000);
  assert.equal(waiting?.activityOptions?.retryPolicy?.initialInterval, 10_000);
  assert.equal(described.pendingWorkflowTask, undefined);
  assert.equal(described.workflowExecutionInfo?.closeTime, undefined);

  await fixture.clock.advance(10_000);
  const [due] = (await describe()).pendingActivities;
  assert.equal(due?.nextAttemptScheduleTime, undefined);
  assert.equal(due?.currentRetryInterval, 20_000);
  await fixture.stop();
});

test('a closed run shows when and how it ended', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const runId = await fixture.start({ workflowId: 'w' });
  await fixture.clock.advance(5_000);
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
  const { workflowExecutionInfo: info, pendingWorkflowTask } = await fixture.rpc(
    'DescribeWorkflowExecution',
    DESCRIBE,
    {
      execution: { workflowId: 'w', runId },
    },
  );
  assert.equal(info?.status, WorkflowExecutionStatus.COMPLETED);
  assert.equal(info?.closeTime, fixture.clock.nowMs());
  assert.equal(info?.executionDuration, 5_000);
  assert.equal(info?.historyLength, 5);
  assert.ok((info?.historySizeBytes ?? 0) > 0);
  assert.equal(pendingWorkflowTask, undefined);
  await fixture.stop();
});
