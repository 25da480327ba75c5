import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, PendingActivityState, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  PauseActivityRequest,
  PauseActivityResponse,
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
  ResetActivityRequest,
  ResetActivityResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
  UnpauseActivityRequest,
  UnpauseActivityResponse,
  UpdateActivityOptionsRequest,
  UpdateActivityOptionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const PAUSE = [PauseActivityRequest, PauseActivityResponse] as const;
const UNPAUSE = [UnpauseActivityRequest, UnpauseActivityResponse] as const;
const RESET = [ResetActivityRequest, ResetActivityResponse] as const;
const TERMINATE = [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse] as const;
const UPDATE = [UpdateActivityOptionsRequest, UpdateActivityOptionsResponse] as const;
const FAIL = [RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse] as const;
const COMPLETE = [RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse] as const;
const HEARTBEAT = [RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse] as const;
const execution = { workflowId: 'w' };
const MINUTE_MS = 60_000;

/** A workflow with activity `a`, waiting for its first attempt. */
async function withActivity(): Promise<HistoryFixture> {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: 'a',
          activityType: { name: 'type' },
          taskQueue: { name: 'test-queue' },
          startToCloseTimeout: 10 * MINUTE_MS,
          scheduleToStartTimeout: 30 * MINUTE_MS,
          retryPolicy: { initialInterval: 10_000, backoffCoefficient: 2, maximumAttempts: 10 },
        },
      },
    ],
  });
  await fixture.clock.advance(0);
  return fixture;
}

async function activityOf(fixture: HistoryFixture) {
  const described = await fixture.rpc('DescribeWorkflowExecution', DESCRIBE, { execution });
  const [activity] = described.pendingActivities;
  assert.ok(activity !== undefined, 'the activity is pending');
  return activity;
}

const pauseInfo = async (fixture: HistoryFixture) => {
  const { workflowExecutionInfo } = await fixture.rpc('DescribeWorkflowExecution', DESCRIBE, { execution });
  return Buffer.from(workflowExecutionInfo?.searchAttributes ?? []).toString();
};

async function failAttempt(fixture: HistoryFixture, taskToken: Uint8Array) {
  await fixture.rpc('RespondActivityTaskFailed', FAIL, {
    taskToken,
    failure: Failure.encode({ message: 'boom', applicationFailureInfo: { type: 'E' } }),
  });
}

const obsolete = (error: unknown) => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;

test('an attempt that was handed out before a pause is refused, and given out again after it', async () => {
  const fixture = await withActivity();
  await fixture.rpc('PauseActivity', PAUSE, { execution, id: 'a', identity: 'operator', reason: 'because' });
  const paused = await activityOf(fixture);
  assert.equal(paused.state, PendingActivityState.PAUSED);
  assert.equal(paused.pauseInfo?.manual?.identity, 'operator');
  assert.equal(paused.pauseInfo?.manual?.reason, 'because');
  assert.match(await pauseInfo(fixture), /property:activityType=type/);
  await assert.rejects(fixture.pollActivityTask(), obsolete);
  await fixture.clock.advance(60 * MINUTE_MS); // no deadline runs meanwhile
  assert.equal((await activityOf(fixture)).attempt, 1);

  await fixture.rpc('UnpauseActivity', UNPAUSE, { execution, id: 'a' });
  assert.equal((await activityOf(fixture)).state, PendingActivityState.SCHEDULED);
  assert.match(await pauseInfo(fixture), /TemporalPauseInfo.*null/s);
  const attempt = await fixture.pollActivityTask();
  await fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken: attempt.taskToken });
  assert.ok((await fixture.eventNames('w')).includes('ActivityTaskCompleted'));
  await fixture.stop();
});

test('a running attempt hears of the pause; if it fails, the next one waits for the unpause', async () => {
  const fixture = await withActivity();
  const attempt = await fixture.pollActivityTask();
  await fixture.rpc('PauseActivity', PAUSE, { execution, type: 'type' });
  assert.equal((await activityOf(fixture)).state, PendingActivityState.PAUSE_REQUESTED);
  const heartbeat = await fixture.rpc('RecordActivityTaskHeartbeat', HEARTBEAT, { taskToken: attempt.taskToken });
  assert.equal(heartbeat.activityPaused, true);
  await failAttempt(fixture, attempt.taskToken);
  await fixture.clock.advance(5 * MINUTE_MS);
  assert.equal(fixture.activityTasks.length, 0);
  const waiting = await activityOf(fixture);
  assert.equal(waiting.state, PendingActivityState.PAUSED);
  assert.equal(waiting.attempt, 2);

  await fixture.rpc('UnpauseActivity', UNPAUSE, { execution, type: 'type', resetAttempts: true, resetHeartbeat: true });
  const next = await fixture.pollActivityTask();
  assert.equal(next.attempt, 1);
  assert.equal(next.heartbeatDetails, undefined);
  await fixture.stop();
});

test('unpausing with jitter spreads the next attempt over it', async () => {
  const fixture = await withActivity();
  await fixture.rpc('PauseActivity', PAUSE, { execution, id: 'a' });
  await assert.rejects(fixture.pollActivityTask(), obsolete);
  const nowMs = fixture.clock.nowMs();
  await fixture.rpc('UnpauseActivity', UNPAUSE, { execution, id: 'a', jitter: 10 * MINUTE_MS });
  const { nextAttemptScheduleTime = nowMs } = await activityOf(fixture);
  assert.ok(nextAttemptScheduleTime >= nowMs && nextAttemptScheduleTime < nowMs + 10 * MINUTE_MS);
  await fixture.clock.advance(10 * MINUTE_MS);
  assert.equal((await fixture.pollActivityTask()).attempt, 1);
  await fixture.stop();
});

test('a reset begins again with the first attempt, at once', async () => {
  const fixture = await withActivity();
  await failAttempt(fixture, (await fixture.pollActivityTask()).taskToken);
  await fixture.clock.advance(10_000);
  await failAttempt(fixture, (await fixture.pollActivityTask()).taskToken);
  assert.equal((await activityOf(fixture)).attempt, 3);
  await fixture.rpc('ResetActivity', RESET, { execution, id: 'a' });
  const next = await fixture.pollActivityTask();
  assert.equal(next.attempt, 1);
  await fixture.clock.advance(MINUTE_MS); // the retry that was planned before the reset is obsolete
  assert.equal(fixture.activityTasks.length, 0);
  await fixture.stop();
});

test('a reset of a running attempt is told by its heartbeat and shows when it fails', async () => {
  const fixture = await withActivity();
  const attempt = await fixture.pollActivityTask();
  await fixture.rpc('ResetActivity', RESET, { execution, matchAll: true, resetHeartbeat: true });
  const heartbeat = await fixture.rpc('RecordActivityTaskHeartbeat', HEARTBEAT, {
    taskToken: attempt.taskToken,
    details: Buffer.alloc(0),
  });
  assert.equal(heartbeat.activityReset, true);
  await failAttempt(fixture, attempt.taskToken);
  await fixture.clock.advance(10_000);
  const next = await fixture.pollActivityTask();
  assert.equal(next.attempt, 2);
  assert.equal(next.heartbeatDetails, undefined);
  await fixture.stop();
});

test('a paused activity stays paused through a reset that asks for it', async () => {
  const fixture = await withActivity();
  await fixture.rpc('PauseActivity', PAUSE, { execution, id: 'a' });
  await assert.rejects(fixture.pollActivityTask(), obsolete);
  await fixture.rpc('ResetActivity', RESET, { execution, id: 'a', keepPaused: true });
  assert.equal((await activityOf(fixture)).state, PendingActivityState.PAUSED);
  await fixture.rpc('ResetActivity', RESET, { execution, id: 'a' });
  assert.equal((await activityOf(fixture)).state, PendingActivityState.SCHEDULED);
  assert.equal((await fixture.pollActivityTask()).attempt, 1);
  await fixture.stop();
});

test('changed options hold for the attempt that waits, and can be taken back', async () => {
  const fixture = await withActivity();
  const updated = await fixture.rpc('UpdateActivityOptions', UPDATE, {
    execution,
    id: 'a',
    activityOptions: {
      taskQueue: { name: 'other-queue' },
      startToCloseTimeout: MINUTE_MS,
      retryPolicy: { initialInterval: 1_000, maximumAttempts: 3 },
      heartbeatTimeout: 5_000,
    },
    updateMask: {
      paths: ['task_queue.name', 'startToCloseTimeout', 'retry_policy.initial_interval', 'retryPolicy.maximumAttempts'],
    },
  });
  assert.equal(updated.activityOptions?.taskQueue?.name, 'other-queue');
  assert.equal(updated.activityOptions?.taskQueue?.kind, TaskQueueKind.NORMAL);
  assert.equal(updated.activityOptions?.heartbeatTimeout, 0);
  assert.equal(updated.activityOptions?.retryPolicy?.backoffCoefficient, 2);
  await assert.rejects(fixture.pollActivityTask(), obsolete);
  await fixture.clock.advance(0);
  assert.equal(fixture.activityTasks[0]?.partition?.taskQueue, 'other-queue');
  const attempt = await fixture.pollActivityTask();
  assert.equal(attempt.startToCloseTimeout, MINUTE_MS);
  assert.equal(attempt.retryPolicy?.maximumAttempts, 3);
  await fixture.clock.advance(MINUTE_MS); // the new timeout ends the attempt
  assert.equal((await activityOf(fixture)).attempt, 2);

  const restored = await fixture.rpc('UpdateActivityOptions', UPDATE, { execution, id: 'a', restoreOriginal: true });
  assert.equal(restored.activityOptions?.taskQueue?.kind, TaskQueueKind.UNSPECIFIED);
  const { activityOptions } = await activityOf(fixture);
  assert.equal(activityOptions?.taskQueue?.name, 'test-queue');
  assert.equal(activityOptions?.startToCloseTimeout, 10 * MINUTE_MS);
  assert.equal(activityOptions?.retryPolicy?.maximumAttempts, 10);
  await fixture.stop();
});

test('what cannot be is refused and changes nothing', async () => {
  const fixture = await withActivity();
  const refused = (code: GrpcCode, message: RegExp) => (error: unknown) =>
    error instanceof ServiceError && error.code === code && message.test(error.message);
  const unknown = refused(GrpcCode.NOT_FOUND, /^Can't find pending activity with such ID/);
  await assert.rejects(fixture.rpc('PauseActivity', PAUSE, { execution, id: 'b' }), unknown);
  await assert.rejects(fixture.rpc('ResetActivity', RESET, { execution, type: 'other' }), unknown);
  await assert.rejects(
    fixture.rpc('UpdateActivityOptions', UPDATE, { execution, id: 'a', updateMask: { paths: ['priority'] } }),
    refused(GrpcCode.INVALID_ARGUMENT, /^ActivityOptions are not provided$/),
  );
  await assert.rejects(
    fixture.rpc('UpdateActivityOptions', UPDATE, {
      execution,
      id: 'a',
      restoreOriginal: true,
      updateMask: { paths: ['priority'] },
    }),
    refused(GrpcCode.INVALID_ARGUMENT, /^Both UpdateMask and RestoreOriginal are provided$/),
  );
  await assert.rejects(
    fixture.rpc('UpdateActivityOptions', UPDATE, {
      execution,
      id: 'a',
      activityOptions: {},
      updateMask: { paths: ['startToCloseTimeout', 'scheduleToCloseTimeout'] },
    }),
    refused(GrpcCode.INVALID_ARGUMENT, /^a valid StartToClose or ScheduleToCloseTimeout is not set/),
  );
  assert.equal((await fixture.pollActivityTask()).attempt, 1);
  await fixture.stop();
});

test('in a closed run, an activity that is named by its type is looked for before the run is found closed', async () => {
  const fixture = await withActivity();
  await fixture.rpc('TerminateWorkflowExecution', TERMINATE, { workflowExecution: execution });
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND && message.test(error.message);
  const unknown = refused(/^Can't find pending activity/);
  const closed = refused(/^workflow execution already completed/);
  await assert.rejects(fixture.rpc('PauseActivity', PAUSE, { execution, type: 'other' }), unknown);
  await assert.rejects(fixture.rpc('PauseActivity', PAUSE, { execution, id: 'other' }), closed);
  await assert.rejects(fixture.rpc('ResetActivity', RESET, { execution, type: 'other' }), unknown);
  await assert.rejects(fixture.rpc('UnpauseActivity', UNPAUSE, { execution, type: 'other' }), closed);
  await assert.rejects(
    fixture.rpc('UpdateActivityOptions', UPDATE, { execution, id: 'other', restoreOriginal: true }),
    unknown,
  );
  await fixture.stop();
});
