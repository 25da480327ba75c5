// Attempts of an activity without a workflow: deadlines, retries, answers by id.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordActivityTaskStartedRequest } from '#proto/ostinato/history/v1';
import { ActivityExecutionStatus, PendingActivityState, RetryState, TimeoutType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { PollActivityTaskQueueRequest, PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../../base/service-error.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { NAMESPACE_ID } from '../testing/history-fixture.ts';
import {
  bytes,
  COMPLETE_BY_ID,
  FAIL,
  failureOf,
  HEARTBEAT_BY_ID,
  ID,
  MINUTE_MS,
  notThere,
  refused,
  Scenario,
  SECOND_MS,
  text,
} from './testing/scenario.ts';

describe('deadlines', () => {
  test('no worker in time ends the activity, and no retry helps', async () => {
    const s = await Scenario.open();
    await s.start({ scheduleToStartTimeout: SECOND_MS });
    await s.advance(SECOND_MS);
    const { failure, retryState } = await s.outcome();
    assert.equal(failure?.message, 'activity ScheduleToStart timeout');
    assert.equal(failure?.timeoutFailureInfo?.timeoutType, TimeoutType.SCHEDULE_TO_START);
    assert.equal(retryState, RetryState.TIMEOUT);
    assert.equal((await s.describe()).status, ActivityExecutionStatus.TIMED_OUT);
  });

  test('an attempt that takes too long is tried again, and the last one is the outcome', async () => {
    const s = await Scenario.open();
    await s.start({
      startToCloseTimeout: MINUTE_MS,
      retryPolicy: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumAttempts: 2 },
    });
    const first = await s.task();
    await s.heartbeat(first, text('half'));
    await s.advance(MINUTE_MS);
    assert.equal((await s.describe()).attempt, 2);
    assert.equal(s.dispatched, 0);
    await s.advance(SECOND_MS);
    const second = await s.task();
    assert.deepEqual([second.attempt, bytes(second.heartbeatDetails)], [2, bytes(text('half'))]);
    await assert.rejects(s.complete(first), notThere);
    await s.advance(MINUTE_MS);
    const { failure, retryState } = await s.outcome();
    assert.equal(failure?.message, 'activity StartToClose timeout');
    assert.deepEqual(bytes(failure?.timeoutFailureInfo?.lastHeartbeatDetails), bytes(text('half')));
    assert.equal(Failure.decode(failure?.cause as Uint8Array).message, 'activity StartToClose timeout');
    assert.equal(retryState, RetryState.MAXIMUM_ATTEMPTS_REACHED);
  });

  test('heartbeats push the heartbeat timeout back', async () => {
    const s = await Scenario.open();
    await s.start({ heartbeatTimeout: 10 * SECOND_MS, retryPolicy: { maximumAttempts: 1 } });
    const task = await s.task();
    for (let beat = 0; beat < 5; beat++) {
      await s.advance(9 * SECOND_MS);
      await s.heartbeat(task, text(`${beat}`));
    }
    assert.equal((await s.describe()).totalHeartbeatCount, 5);
    await s.advance(10 * SECOND_MS);
    const { failure } = await s.outcome();
    assert.equal(failure?.message, 'activity Heartbeat timeout');
    assert.deepEqual(bytes(failure?.timeoutFailureInfo?.lastHeartbeatDetails), bytes(text('4')));
  });

  test('the whole time is up, whatever the activity does', async () => {
    const s = await Scenario.open();
    await s.start({ scheduleToCloseTimeout: MINUTE_MS });
    await s.fail(await s.task(), failureOf('boom', { nextRetryDelay: 50 * SECOND_MS }));
    await s.advance(50 * SECOND_MS);
    await s.task();
    await s.advance(10 * SECOND_MS);
    const { failure } = await s.outcome();
    assert.equal(failure?.message, 'activity ScheduleToClose timeout');
    assert.equal(Failure.decode(failure?.cause as Uint8Array).message, 'boom');
  });

  test('an attempt that times out too late for another one ends it as out of time', async () => {
    const s = await Scenario.open();
    await s.start({ scheduleToCloseTimeout: MINUTE_MS, startToCloseTimeout: MINUTE_MS - 500 });
    await s.task();
    await s.advance(MINUTE_MS - 500);
    const { failure, retryState } = await s.outcome();
    assert.match(failure?.message ?? '', /^Not enough time to schedule next retry/);
    assert.equal(failure?.timeoutFailureInfo?.timeoutType, TimeoutType.SCHEDULE_TO_CLOSE);
    assert.equal(retryState, RetryState.TIMEOUT);
  });
});

describe('an attempt that was started for a poll which could not be answered', () => {
  test('is taken over by one task, however often that comes to matching', async () => {
    const s = await Scenario.open();
    const { fixture } = s;
    const key = partitionKey({ namespaceId: NAMESPACE_ID, taskQueue: 'queue', taskQueueType: 2, partitionId: 0 });
    fixture.polls.offer(key, PollActivityTaskQueueRequest.encode({ identity: 'parked' }), () => true);
    fixture.link.isUp = false;
    await s.start();
    const task = fixture.activityTasks.shift();
    assert.ok(task !== undefined && task.startRequestId !== '');
    const start = async (requestId: string) =>
      PollActivityTaskQueueResponse.decode(
        await fixture.call(
          'RecordActivityTaskStarted',
          RecordActivityTaskStartedRequest.encode({
            namespaceId: NAMESPACE_ID,
            workflowId: task.execution?.workflowId,
            runId: task.execution?.runId,
            requestId,
            triedRequestId: task.startRequestId,
            stamp: task.stamp,
            pollRequest: PollActivityTaskQueueRequest.encode({ identity: requestId }),
          }),
        ),
      );
    const attempt = await start('task-1');
    await assert.rejects(start('task-2'), /invalid transition from Started/);
    assert.equal((await start('task-1')).attempt, 1);
    assert.equal((await s.describe()).lastWorkerIdentity, 'task-1');
    await s.complete(attempt);
  });
});

describe('a failed attempt', () => {
  test('is tried again after the backoff', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fail(await s.task());
    const info = await s.describe();
    assert.equal(info.runState, PendingActivityState.SCHEDULED);
    assert.deepEqual([info.attempt, info.currentRetryInterval], [2, SECOND_MS]);
    assert.equal(Failure.decode(info.lastFailure as Uint8Array).message, 'boom');
    await s.advance(SECOND_MS - 1);
    assert.equal(s.dispatched, 0);
    await s.advance(1);
    assert.equal((await s.task()).attempt, 2);
  });

  test('is the outcome if its failure forbids a retry, or none is left', async () => {
    for (const [policy, failure, expected] of [
      [{}, failureOf('boom', { nonRetryable: true }), RetryState.NON_RETRYABLE_FAILURE],
      [{ nonRetryableErrorTypes: ['T'] }, failureOf('boom', { type: 'T' }), RetryState.NON_RETRYABLE_FAILURE],
      [{ maximumAttempts: 1 }, failureOf('boom'), RetryState.MAXIMUM_ATTEMPTS_REACHED],
    ] as const) {
      const s = await Scenario.open();
      await s.start({ retryPolicy: { initialInterval: SECOND_MS, backoffCoefficient: 2, ...policy } });
      await s.fail(await s.task(), failure);
      assert.equal((await s.describe()).status, ActivityExecutionStatus.FAILED);
      const outcome = await s.outcome();
      assert.deepEqual([outcome.failure?.message, outcome.retryState], ['boom', expected]);
    }
  });

  test('without a failure leaves one that callers can tell', async () => {
    const s = await Scenario.open();
    await s.start({ retryPolicy: { maximumAttempts: 1 } });
    const { taskToken } = await s.task();
    await s.fixture.rpc('RespondActivityTaskFailed', FAIL, { taskToken });
    assert.equal((await s.outcome()).failure?.message, 'activity task failed without failure details');
  });

  test('is not tried again once somebody asked to cancel', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await s.cancel();
    await s.fail(task);
    assert.equal((await s.outcome()).retryState, RetryState.CANCEL_REQUESTED);
  });
});

describe('by id', () => {
  test('an activity can be completed that no worker has', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fixture.rpc('RespondActivityTaskCompletedById', COMPLETE_BY_ID, { ...ID, result: text('r') });
    assert.deepEqual(bytes((await s.outcome()).result), bytes(text('r')));
    // The task that went to matching before finds nothing to start.
    await assert.rejects(s.task(), /invalid transition from Completed/);
    await assert.rejects(
      s.fixture.rpc('RespondActivityTaskCompletedById', COMPLETE_BY_ID, { ...ID, result: text('again') }),
      refused(GrpcCode.FAILED_PRECONDITION, 'invalid transition from Completed'),
    );
    assert.deepEqual(bytes((await s.outcome()).result), bytes(text('r')));
  });

  test('an activity that no worker has is not heard of otherwise', async () => {
    const s = await Scenario.open();
    await s.start();
    await assert.rejects(s.fixture.rpc('RecordActivityTaskHeartbeatById', HEARTBEAT_BY_ID, ID), notThere);
    await s.task();
    await s.fixture.rpc('RecordActivityTaskHeartbeatById', HEARTBEAT_BY_ID, { ...ID, details: text('d') });
    assert.deepEqual(bytes((await s.describe()).heartbeatDetails), bytes(text('d')));
  });
});
