// Activities without a workflow, on the memory store under virtual time. What they answer was compared with Temporal 1.32.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityExecutionState } from '#proto/ostinato/persistence/v1';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { Payload, Payloads, SearchAttributes } from '#proto/temporal/api/common/v1';
import {
  ActivityExecutionStatus,
  ActivityIdConflictPolicy,
  ActivityIdReusePolicy,
  PendingActivityState,
  RetryState,
  TimeoutType,
  WorkflowExecutionStatus,
} from '#proto/temporal/api/enums/v1';
import { Failure, type FailureInit } from '#proto/temporal/api/failure/v1';
import type { PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import * as service from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import type { ExecutionStore } from '../../persistence/index.ts';
import { MemoryStoreFactory, TaskCategory } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { type HistoryFixture, historyFixture, testNamespace } from '../testing/history-fixture.ts';
import { ActivityExecution } from './activity-execution.ts';

const START = [service.StartActivityExecutionRequest, service.StartActivityExecutionResponse] as const;
const DESCRIBE = [service.DescribeActivityExecutionRequest, service.DescribeActivityExecutionResponse] as const;
const POLL = [service.PollActivityExecutionRequest, service.PollActivityExecutionResponse] as const;
const CANCEL = [service.RequestCancelActivityExecutionRequest, service.RequestCancelActivityExecutionResponse] as const;
const TERMINATE = [service.TerminateActivityExecutionRequest, service.TerminateActivityExecutionResponse] as const;
const DELETE = [service.DeleteActivityExecutionRequest, service.DeleteActivityExecutionResponse] as const;
const PAUSE = [service.PauseActivityExecutionRequest, service.PauseActivityExecutionResponse] as const;
const UNPAUSE = [service.UnpauseActivityExecutionRequest, service.UnpauseActivityExecutionResponse] as const;
const RESET = [service.ResetActivityExecutionRequest, service.ResetActivityExecutionResponse] as const;
const UPDATE = [service.UpdateActivityExecutionOptionsRequest, service.UpdateActivityExecutionOptionsResponse] as const;
const COMPLETE = [service.RespondActivityTaskCompletedRequest, service.RespondActivityTaskCompletedResponse] as const;
const COMPLETE_BY_ID = [
  service.RespondActivityTaskCompletedByIdRequest,
  service.RespondActivityTaskCompletedByIdResponse,
] as const;
const FAIL = [service.RespondActivityTaskFailedRequest, service.RespondActivityTaskFailedResponse] as const;
const CANCELED = [service.RespondActivityTaskCanceledRequest, service.RespondActivityTaskCanceledResponse] as const;
const HEARTBEAT = [service.RecordActivityTaskHeartbeatRequest, service.RecordActivityTaskHeartbeatResponse] as const;
const HEARTBEAT_BY_ID = [
  service.RecordActivityTaskHeartbeatByIdRequest,
  service.RecordActivityTaskHeartbeatByIdResponse,
] as const;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ID = { activityId: 'a' };

const text = (value: string): Uint8Array =>
  Payloads.encode({ payloads: [Payload.encode({ data: Buffer.from(value) })] });
const failureOf = (message: string, more: FailureInit['applicationFailureInfo'] = {}): Uint8Array =>
  Failure.encode({ message, applicationFailureInfo: more });
const bytes = (value: Uint8Array | undefined): Buffer | undefined => value && Buffer.from(value);

const refused = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.deepEqual([error.code, error.message], [code, message]);
  return true;
};
const notThere = refused(GrpcCode.NOT_FOUND, 'activity not found for ID: a');

class Scenario {
  readonly fixture: HistoryFixture;

  constructor(fixture: HistoryFixture) {
    this.fixture = fixture;
  }

  static async open(store?: ExecutionStore, clock?: VirtualClock): Promise<Scenario> {
    return new Scenario(await historyFixture(store ?? (await new MemoryStoreFactory().openExecutionStore(0)), clock));
  }

  /** As the frontend hands it over, its defaults filled. */
  start(more: service.StartActivityExecutionRequestInit = {}) {
    return this.fixture.rpc('StartActivityExecution', START, {
      ...ID,
      requestId: 'start',
      activityType: { name: 'type' },
      taskQueue: { name: 'queue' },
      scheduleToCloseTimeout: 0,
      scheduleToStartTimeout: 0,
      startToCloseTimeout: 10 * MINUTE_MS,
      heartbeatTimeout: 0,
      retryPolicy: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: 100 * SECOND_MS },
      input: text('in'),
      idReusePolicy: ActivityIdReusePolicy.ALLOW_DUPLICATE,
      idConflictPolicy: ActivityIdConflictPolicy.FAIL,
      ...more,
    });
  }

  async describe(more: service.DescribeActivityExecutionRequestInit = {}) {
    const { info } = await this.fixture.rpc('DescribeActivityExecution', DESCRIBE, {
      ...ID,
      includeHeartbeatDetails: true,
      includeLastFailure: true,
      ...more,
    });
    assert.ok(info !== undefined);
    return info;
  }

  async outcome() {
    const { outcome } = await this.fixture.rpc('DescribeActivityExecution', DESCRIBE, { ...ID, includeOutcome: true });
    return { ...outcome, failure: outcome?.failure && Failure.decode(outcome.failure) };
  }

  task(): Promise<PollActivityTaskQueueResponse> {
    return this.fixture.pollActivityTask();
  }

  complete({ taskToken }: { taskToken: Uint8Array }, result = text('out')) {
    return this.fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken, result, identity: 'w' });
  }

  fail({ taskToken }: { taskToken: Uint8Array }, failure: Uint8Array | undefined = failureOf('boom')) {
    return this.fixture.rpc('RespondActivityTaskFailed', FAIL, { taskToken, failure, identity: 'w' });
  }

  heartbeat({ taskToken }: { taskToken: Uint8Array }, details?: Uint8Array) {
    return this.fixture.rpc('RecordActivityTaskHeartbeat', HEARTBEAT, { taskToken, details });
  }

  cancel(requestId = 'cancel') {
    return this.fixture.rpc('RequestCancelActivityExecution', CANCEL, {
      ...ID,
      requestId,
      reason: 'why',
      identity: 'someone',
    });
  }

  terminate(requestId = 'terminate') {
    return this.fixture.rpc('TerminateActivityExecution', TERMINATE, {
      ...ID,
      requestId,
      reason: 'why',
      identity: 'someone',
    });
  }

  advance(ms: number): Promise<void> {
    return this.fixture.clock.advance(ms);
  }

  /** Tasks at matching that no worker has taken. */
  get dispatched(): number {
    return this.fixture.activityTasks.length;
  }
}

describe('a start', () => {
  test('hands the first attempt to matching, and its worker gets what the client sent', async () => {
    const s = await Scenario.open();
    const { runId, started, link } = await s.start({ header: Buffer.from('h'), priority: { priorityKey: 3 } });
    assert.ok(started);
    assert.ok(link !== undefined);
    const [handed] = s.fixture.activityTasks;
    assert.equal(handed?.partition?.taskQueue, 'queue');
    assert.equal(handed?.priority?.priorityKey, 3);
    const task = await s.task();
    assert.equal(task.activityId, 'a');
    assert.equal(task.activityRunId, runId);
    assert.deepEqual(task.workflowExecution, { workflowId: '', runId: '' });
    assert.equal(task.workflowType, undefined);
    assert.equal(task.activityType?.name, 'type');
    assert.deepEqual(bytes(task.input), bytes(text('in')));
    assert.equal(task.attempt, 1);
    assert.equal(task.startToCloseTimeout, 10 * MINUTE_MS);
    await s.complete(task);
    const info = await s.describe();
    assert.equal(info.status, ActivityExecutionStatus.COMPLETED);
    assert.equal(info.runState, PendingActivityState.UNSPECIFIED);
    assert.equal(info.lastWorkerIdentity, 'w');
    assert.equal(info.stateTransitionCount, 3);
    assert.deepEqual(bytes((await s.outcome()).result), bytes(text('out')));
    const { instruments } = s.fixture.metrics.snapshot();
    assert.equal(instruments.find(({ definition }) => definition.name === 'activity_success')?.value, 1);
  });

  test('with the same request id again answers the same run and starts nothing', async () => {
    const s = await Scenario.open();
    const first = await s.start();
    const again = await s.start();
    assert.deepEqual([again.runId, again.started], [first.runId, false]);
    assert.equal(s.dispatched, 1);
    await s.terminate();
    assert.equal((await s.start()).runId, first.runId);
  });

  test('of an id that is open fails, or joins it', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    await assert.rejects(s.start({ requestId: 'other' }), (error: unknown) => {
      refused(GrpcCode.ALREADY_EXISTS, 'activity execution already started')(error);
      assert.ok((error as ServiceError).is('temporal.api.errordetails.v1.ActivityExecutionAlreadyStartedFailure'));
      return true;
    });
    const joined = await s.start({
      requestId: 'other',
      idConflictPolicy: ActivityIdConflictPolicy.USE_EXISTING,
      links: [Buffer.from([0x1a, 0])],
      onConflictOptions: { attachLinks: true, attachRequestId: true },
    });
    assert.deepEqual([joined.runId, joined.started], [runId, false]);
    assert.equal((await s.describe()).links.length, 1);
  });

  test('of an id that is closed goes by the reuse policy', async () => {
    const { ALLOW_DUPLICATE, ALLOW_DUPLICATE_FAILED_ONLY, REJECT_DUPLICATE } = ActivityIdReusePolicy;
    for (const [failed, idReusePolicy, allowed] of [
      [false, ALLOW_DUPLICATE, true],
      [false, ALLOW_DUPLICATE_FAILED_ONLY, false],
      [false, REJECT_DUPLICATE, false],
      [true, ALLOW_DUPLICATE, true],
      [true, ALLOW_DUPLICATE_FAILED_ONLY, true],
      [true, REJECT_DUPLICATE, false],
    ] as const) {
      const s = await Scenario.open();
      const { runId } = await s.start();
      if (failed) await s.terminate();
      else await s.complete(await s.task());
      const again = s.start({ requestId: 'again', idReusePolicy });
      if (allowed) assert.notEqual((await again).runId, runId);
      else await assert.rejects(again, refused(GrpcCode.ALREADY_EXISTS, 'activity execution already started'));
      assert.equal((await s.describe({ runId })).runId, runId);
    }
  });

  test('two of one id at the same time begin one', async () => {
    const s = await Scenario.open();
    const both = await Promise.allSettled([s.start({ requestId: 'x' }), s.start({ requestId: 'y' })]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(s.dispatched, 1);
  });

  test('with a policy that does not exist is refused', async () => {
    const s = await Scenario.open();
    const unsupported = (message: string) => refused(GrpcCode.INVALID_ARGUMENT, message);
    await assert.rejects(s.start({ idReusePolicy: 9 as never }), unsupported('unsupported ID reuse policy: 9'));
    await assert.rejects(s.start({ idConflictPolicy: 9 as never }), unsupported('unsupported ID conflict policy: 9'));
  });

  test('with a delay waits, and its deadlines with it', async () => {
    const s = await Scenario.open();
    await s.start({
      startDelay: 30 * SECOND_MS,
      scheduleToCloseTimeout: 10 * SECOND_MS,
      scheduleToStartTimeout: 5 * SECOND_MS,
    });
    const info = await s.describe();
    const scheduled = info.scheduleTime ?? 0;
    assert.equal(info.executionTime, scheduled + 30 * SECOND_MS);
    assert.equal(info.nextAttemptScheduleTime, scheduled + 30 * SECOND_MS);
    assert.equal(info.expirationTime, scheduled + 40 * SECOND_MS);
    await s.advance(29 * SECOND_MS);
    assert.equal(s.dispatched, 0);
    await s.advance(SECOND_MS);
    assert.equal(s.dispatched, 1);
    await s.advance(5 * SECOND_MS);
    assert.equal((await s.outcome()).failure?.timeoutFailureInfo?.timeoutType, TimeoutType.SCHEDULE_TO_START);
  });

  test('beside a workflow of the same id leaves that alone', async () => {
    const s = await Scenario.open();
    const runId = await s.fixture.start({ workflowId: 'a' });
    await s.start();
    await s.terminate();
    assert.deepEqual(await s.fixture.eventNames('a', runId), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  });
});

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

describe('cancel', () => {
  test('ends an activity that no worker has', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.cancel();
    await s.cancel(); // the same request again
    const { failure } = await s.outcome();
    assert.equal(failure?.message, 'Activity canceled');
    assert.equal(failure?.canceledFailureInfo?.identity, 'someone');
    const [details] = Payloads.decode(failure?.canceledFailureInfo?.details as Uint8Array).payloads;
    assert.equal(Buffer.from(Payload.decode(details as Uint8Array).data).toString(), '"why"');
    assert.equal((await s.describe()).canceledReason, 'why');
    await assert.rejects(
      s.cancel('other'),
      refused(GrpcCode.FAILED_PRECONDITION, 'activity is in terminal state Canceled'),
    );
  });

  test('reaches a worker by its heartbeat, and it may give up', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    const giveUp = () =>
      s.fixture.rpc('RespondActivityTaskCanceled', CANCELED, { taskToken: task.taskToken, details: text('left') });
    await assert.rejects(
      giveUp(),
      refused(
        GrpcCode.INVALID_ARGUMENT,
        'unable to mark activity as canceled without activity being request canceled first',
      ),
    );
    assert.equal((await s.heartbeat(task)).cancelRequested, false);
    await s.cancel();
    assert.equal((await s.describe()).runState, PendingActivityState.CANCEL_REQUESTED);
    await assert.rejects(
      s.cancel('other'),
      refused(GrpcCode.FAILED_PRECONDITION, 'cancellation already requested with request ID cancel'),
    );
    assert.equal((await s.heartbeat(task)).cancelRequested, true);
    await giveUp();
    assert.equal((await s.describe()).status, ActivityExecutionStatus.CANCELED);
    assert.deepEqual(bytes((await s.outcome()).failure?.canceledFailureInfo?.details), bytes(text('left')));
  });

  test('sent twice at the same time is one', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await Promise.all([s.cancel(), s.cancel()]);
    assert.equal((await s.heartbeat(task)).cancelRequested, true);
    await Promise.all([s.terminate(), s.terminate()]);
    assert.equal((await s.describe()).status, ActivityExecutionStatus.TERMINATED);
  });

  test('does not keep a worker from completing', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await s.cancel();
    await s.complete(task);
    assert.equal((await s.describe()).status, ActivityExecutionStatus.COMPLETED);
  });
});

describe('terminate', () => {
  test('ends it at once; the same request again changes nothing', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await s.terminate();
    await s.terminate();
    const { failure } = await s.outcome();
    assert.deepEqual([failure?.message, failure?.terminatedFailureInfo?.identity], ['why', 'someone']);
    await assert.rejects(s.complete(task), notThere);
    await assert.rejects(
      s.terminate('other'),
      refused(GrpcCode.FAILED_PRECONDITION, 'already terminated with request ID terminate'),
    );
  });

  test('of a closed one is refused', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.complete(await s.task());
    await assert.rejects(s.terminate(), refused(GrpcCode.FAILED_PRECONDITION, 'invalid transition from Completed'));
  });
});

describe('long polls', () => {
  test('a description with a token waits for the next change', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    const { longPollToken } = await s.fixture.rpc('DescribeActivityExecution', DESCRIBE, ID);
    const waiting = s.fixture.begin('DescribeActivityExecution', DESCRIBE, { ...ID, runId, longPollToken });
    await s.advance(SECOND_MS);
    await s.task();
    assert.equal((await waiting).info?.runState, PendingActivityState.STARTED);
  });

  test('whose time is up are answered empty', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    const { longPollToken } = await s.fixture.rpc('DescribeActivityExecution', DESCRIBE, ID);
    s.fixture.settings.set('activity.longPollTimeout', 5 * SECOND_MS);
    const describing = s.fixture.begin('DescribeActivityExecution', DESCRIBE, { ...ID, runId, longPollToken });
    const polling = s.fixture.begin('PollActivityExecution', POLL, ID);
    await s.advance(5 * SECOND_MS);
    assert.equal((await describing).info, undefined);
    assert.deepEqual(await polling, { runId: '', outcome: undefined });
  });

  test('with a token of another execution, or none at all, are refused', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    await s.start({ activityId: 'b', requestId: 'b' });
    const { longPollToken: other } = await s.fixture.rpc('DescribeActivityExecution', DESCRIBE, { activityId: 'b' });
    const describeWith = (longPollToken: Uint8Array) =>
      s.fixture.rpc('DescribeActivityExecution', DESCRIBE, { ...ID, runId, longPollToken });
    await assert.rejects(
      describeWith(other),
      refused(GrpcCode.INVALID_ARGUMENT, 'long poll token does not match execution'),
    );
    await assert.rejects(
      describeWith(Buffer.from('garbage')),
      refused(GrpcCode.INVALID_ARGUMENT, 'invalid long poll token'),
    );
  });

  test('for the outcome end with the activity, or with its deletion', async () => {
    const s = await Scenario.open();
    await s.start();
    const outcome = s.fixture.begin('PollActivityExecution', POLL, ID);
    await s.advance(SECOND_MS);
    await s.complete(await s.task());
    assert.deepEqual(bytes((await outcome).outcome?.result), bytes(text('out')));
    const { runId } = await s.start({ requestId: 'again' });
    const { longPollToken } = await s.fixture.rpc('DescribeActivityExecution', DESCRIBE, ID);
    await s.terminate();
    const { longPollToken: closed } = await s.fixture.rpc('DescribeActivityExecution', DESCRIBE, ID);
    assert.notDeepEqual(longPollToken, closed);
    const waiting = s.fixture.begin('DescribeActivityExecution', DESCRIBE, { ...ID, runId, longPollToken: closed });
    waiting.catch(() => {});
    await s.advance(0);
    await s.fixture.rpc('DeleteActivityExecution', DELETE, ID);
    await s.advance(SECOND_MS);
    // The deletion's own decision is a change; what comes after it finds nothing.
    const next = await waiting
      .then(
        ({ longPollToken: last }) =>
          s.fixture.begin('DescribeActivityExecution', DESCRIBE, { ...ID, runId, longPollToken: last }),
        (error: unknown) => Promise.reject(error),
      )
      .catch((error: unknown) => error);
    notThere(next);
  });
});

describe('the end of everything', () => {
  test('a deleted activity is terminated, gone, and its id is free', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    await s.fixture.rpc('DeleteActivityExecution', DELETE, ID);
    await s.advance(SECOND_MS);
    await assert.rejects(s.describe(), notThere);
    await assert.rejects(s.describe({ runId }), notThere);
    const last = RecordVisibilityRequest.decode(s.fixture.visibility.at(-1) as Uint8Array).records[0];
    assert.deepEqual([last?.workflowId, last?.runId, last?.deleted], ['a', runId, true]);
    assert.ok((await s.start({ idReusePolicy: ActivityIdReusePolicy.REJECT_DUPLICATE })).started);
  });

  test('a closed activity goes when the retention of its namespace is over', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.terminate();
    await s.advance(2 * DAY_MS - MINUTE_MS);
    await s.describe();
    await s.advance(31 * MINUTE_MS);
    await assert.rejects(s.describe(), notThere);
  });
});

describe('lists', () => {
  test('get a row in the division of activities, with the status and what the client set', async () => {
    const s = await Scenario.open();
    const searchAttributes = SearchAttributes.encode({
      indexedFields: new Map([['Customer', Payload.encode({ data: Buffer.from('"x"') })]]),
    });
    await s.start({ searchAttributes });
    await s.terminate();
    await s.advance(SECOND_MS);
    const rows = s.fixture.visibility.map((request) => RecordVisibilityRequest.decode(request).records[0]);
    const row = rows.at(-1);
    assert.equal(row?.workflowId, 'a');
    assert.equal(row?.workflowType, 'type');
    assert.equal(row?.status, WorkflowExecutionStatus.TERMINATED);
    assert.equal(row?.stateTransitionCount, 2);
    const { indexedFields } = SearchAttributes.decode(row?.searchAttributes as Uint8Array);
    assert.deepEqual([...indexedFields.keys()], ['Customer', 'TemporalNamespaceDivision']);
    assert.equal(rows.filter((other) => other?.status === WorkflowExecutionStatus.RUNNING).length, 1);
  });
});

describe('operators', () => {
  test('a pause holds the activity back until it is lifted', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.describe()).status, ActivityExecutionStatus.PAUSED);
    await assert.rejects(s.task(), /stamp mismatch/);
    await assert.rejects(
      s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'q' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'activity is in non-pausable state Paused'),
    );
    await s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'u' });
    // A late repetition pauses nothing.
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.task()).attempt, 1);
    await assert.rejects(
      s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'v' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'activity is in non-unpausable state Started'),
    );
  });

  test('a pause lets a worker finish its attempt, and then holds', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.heartbeat(task)).activityPaused, true);
    await s.fail(task);
    await s.advance(MINUTE_MS);
    const info = await s.describe();
    assert.deepEqual([info.status, info.attempt, s.dispatched], [ActivityExecutionStatus.PAUSED, 2, 0]);
    await s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'u' });
    assert.equal((await s.task()).attempt, 2);
  });

  test('a reset counts from one again, after the attempt that a worker has', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fail(await s.task());
    await s.advance(SECOND_MS);
    const second = await s.task();
    await s.heartbeat(second, text('half'));
    await s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 'r', resetHeartbeat: true });
    assert.equal((await s.heartbeat(second)).activityReset, true);
    await s.fail(second);
    const again = await s.task();
    assert.deepEqual([again.attempt, again.heartbeatDetails], [1, undefined]);
    await s.cancel();
    await assert.rejects(
      s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 's' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'cannot reset an activity with a pending cancellation'),
    );
  });

  test('a reset drops the backoff, and brings the options back', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fail(await s.task(), failureOf('boom', { nextRetryDelay: MINUTE_MS }));
    const { activityOptions } = await s.fixture.rpc('UpdateActivityExecutionOptions', UPDATE, {
      ...ID,
      requestId: 'o',
      activityOptions: { taskQueue: { name: 'elsewhere' }, startToCloseTimeout: SECOND_MS },
      updateMask: { paths: ['task_queue.name', 'start_to_close_timeout'] },
    });
    assert.deepEqual(
      [activityOptions?.taskQueue?.name, activityOptions?.startToCloseTimeout],
      ['elsewhere', SECOND_MS],
    );
    await s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 'r', restoreOriginalOptions: true });
    assert.equal(s.fixture.activityTasks[0]?.partition?.taskQueue, 'queue');
    const task = await s.task();
    assert.deepEqual([task.attempt, task.startToCloseTimeout], [1, 10 * MINUTE_MS]);
  });

  test('other options hold for the attempt that runs and for the backoff that the policy gave', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    const update = (requestId: string, activityOptions: object, path: string) =>
      s.fixture.rpc('UpdateActivityExecutionOptions', UPDATE, {
        ...ID,
        requestId,
        activityOptions,
        updateMask: { paths: [path] },
      });
    await update('1', { startToCloseTimeout: SECOND_MS }, 'start_to_close_timeout');
    await s.advance(SECOND_MS);
    assert.equal((await s.describe()).attempt, 2);
    await assert.rejects(s.complete(task), notThere);
    await update('2', { retryPolicy: { initialInterval: MINUTE_MS } }, 'retry_policy.initial_interval');
    assert.equal((await s.describe()).currentRetryInterval, MINUTE_MS);
    await s.terminate();
    await assert.rejects(
      update('3', { heartbeatTimeout: 1 }, 'heartbeat_timeout'),
      refused(GrpcCode.FAILED_PRECONDITION, 'Cannot update options for activity in state Terminated'),
    );
  });
});

describe('after a crash', () => {
  /** A process: from its crash on the store does not hear of it any more. */
  interface Process {
    readonly scenario: Scenario;
    crash(): void;
  }
  const data = () => new MemoryStoreFactory().openExecutionStore(0);
  async function boot(store: ExecutionStore, clock: VirtualClock): Promise<Process> {
    let crashed = false;
    const connection = new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => (crashed ? new Promise(() => {}) : method.apply(target, args));
      },
    });
    const scenario = await Scenario.open(connection, clock);
    await clock.advance(0);
    return { scenario, crash: () => (crashed = true) };
  }

  /** Runs the steps one after the other, each in a process of its own, with a crash after each. */
  async function inLives(...lives: ((s: Scenario) => Promise<void>)[]): Promise<void> {
    const store = await data();
    const clock = new VirtualClock();
    for (const life of lives) {
      const { scenario, crash } = await boot(store, clock);
      await life(scenario);
      crash();
    }
  }

  test('an attempt that no worker has goes to matching again, and starts once', async () => {
    await inLives(
      async (s) => {
        await s.start();
      },
      async (s) => {
        assert.ok(s.dispatched >= 1);
        const task = await s.task();
        while (s.dispatched > 0) await assert.rejects(s.task(), /invalid transition from Started/);
        await s.complete(task);
        assert.equal((await s.describe()).attempt, 1);
      },
    );
  });

  test('a worker completes with the token that it had before', async () => {
    let task: PollActivityTaskQueueResponse;
    await inLives(
      async (s) => {
        await s.start();
        task = await s.task();
        await s.heartbeat(task, text('half'));
      },
      async (s) => {
        assert.deepEqual(bytes((await s.describe()).heartbeatDetails), bytes(text('half')));
        await s.complete(task);
        assert.deepEqual(bytes((await s.outcome()).result), bytes(text('out')));
        await assert.rejects(s.complete(task), notThere);
      },
    );
  });

  test('delays, retries and deadlines come when they were due', async () => {
    await inLives(
      async (s) => {
        await s.start({ scheduleToCloseTimeout: 60 * MINUTE_MS, startDelay: MINUTE_MS });
      },
      async (s) => {
        await s.advance(MINUTE_MS - 1);
        assert.equal(s.dispatched, 0);
        await s.advance(1);
        await s.fail(await s.task(), failureOf('boom', { nextRetryDelay: MINUTE_MS }));
      },
      async (s) => {
        await s.advance(MINUTE_MS);
        assert.equal((await s.task()).attempt, 2);
      },
      async (s) => {
        await s.advance(10 * MINUTE_MS); // start-to-close
        const info = await s.describe();
        assert.equal(info.attempt, 3);
        assert.equal(Failure.decode(info.lastFailure as Uint8Array).message, 'activity StartToClose timeout');
      },
      async (s) => {
        await s.advance(60 * MINUTE_MS);
        assert.equal((await s.outcome()).failure?.message, 'activity ScheduleToClose timeout');
      },
      async (s) => {
        assert.equal((await s.describe()).status, ActivityExecutionStatus.TIMED_OUT);
        await s.advance(3 * DAY_MS);
        await assert.rejects(s.describe(), notThere);
      },
    );
  });

  test('requests are remembered, and a policy still knows what was there', async () => {
    let runId: string;
    await inLives(
      async (s) => {
        runId = (await s.start()).runId;
        await s.terminate();
      },
      async (s) => {
        const again = await s.start();
        assert.deepEqual([again.runId, again.started], [runId, false]);
        await s.terminate();
        await assert.rejects(
          s.start({ requestId: 'x', idReusePolicy: ActivityIdReusePolicy.REJECT_DUPLICATE }),
          refused(GrpcCode.ALREADY_EXISTS, 'activity execution already started'),
        );
      },
    );
  });

  test('a deletion that was asked for happens', async () => {
    await inLives(
      async (s) => {
        await s.start();
        await s.fixture.rpc('DeleteActivityExecution', DELETE, ID);
      },
      async (s) => {
        await s.advance(SECOND_MS);
        await assert.rejects(s.describe(), notThere);
      },
    );
  });

  test('the process that was replaced answers nothing any more', async () => {
    const store = await data();
    const clock = new VirtualClock();
    const before = await Scenario.open(store, clock);
    await before.start();
    const task = await before.task();
    const after = await Scenario.open(store, clock);
    const late = before.complete(task);
    await assert.rejects(late, (error: unknown) => {
      assert.equal((error as ServiceError).code, GrpcCode.UNAVAILABLE);
      return true;
    });
    assert.equal(after.dispatched, 0);
  });
});

test('more than memory keeps come back from the store, open and closed ones', async () => {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  let loads = 0;
  const counting: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    loadExecution: (key: Parameters<ExecutionStore['loadExecution']>[0]) => {
      loads++;
      return store.loadExecution(key);
    },
  });
  const s = await Scenario.open(counting);
  const input = Payloads.encode({ payloads: [Payload.encode({ data: Buffer.alloc(1024 * 1024) })] });
  const COUNT = 130;
  for (let index = 0; index < COUNT; index++) await s.start({ activityId: `${index}`, requestId: `${index}`, input });
  assert.equal(loads, 0);
  // 64 MiB at most.
  assert.equal((await s.describe({ activityId: '0' })).activityId, '0');
  assert.equal(loads, 1);
  assert.equal((await s.describe({ activityId: `${COUNT - 1}` })).activityId, `${COUNT - 1}`);
  assert.equal(loads, 1);
  for (let index = 0; index < COUNT; index++) await s.complete(await s.task());
  loads = 0;
  await s.describe({ activityId: `${COUNT - 1}` });
  assert.equal(loads, 0);
  assert.equal((await s.describe({ activityId: '0' })).status, ActivityExecutionStatus.COMPLETED);
  assert.equal(loads, 1);
});

/** A store whose commits wait until `release` lets those through that came so far. */
async function slowStore() {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const held: (() => void)[] = [];
  const slow: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    commit: (batch: Parameters<ExecutionStore['commit']>[0]) =>
      new Promise<void>((resolve) => held.push(() => resolve(store.commit(batch)))),
  });
  const release = async (s: Scenario): Promise<void> => {
    while (held.length > 0) {
      held.shift()?.();
      await s.advance(0);
    }
  };
  return { slow, release };
}

test('nothing leaves before it is written', async () => {
  const { slow, release } = await slowStore();
  const s = await Scenario.open(slow);
  /** All of them are answered only when the store has let them through. */
  async function onlyDurably<T>(...calls: Promise<T>[]): Promise<T[]> {
    let answered = 0;
    for (const call of calls) void call.then(() => answered++);
    await s.advance(SECOND_MS);
    assert.equal(answered, 0);
    await release(s);
    return Promise.all(calls);
  }
  const start = s.start();
  await s.advance(0);
  await onlyDurably<unknown>(start, s.describe());
  assert.equal(s.dispatched, 1);
  const [task] = await onlyDurably(s.task());
  assert.ok(task !== undefined);
  await onlyDurably(s.heartbeat(task, text('half')));
  const outcome = s.fixture.begin('PollActivityExecution', POLL, ID);
  await s.advance(0);
  await onlyDurably<unknown>(s.complete(task), outcome);
  assert.deepEqual(bytes((await outcome).outcome?.result), bytes(text('out')));
});

test('tasks and rows follow the write that they belong to', async () => {
  const { slow, release } = await slowStore();
  const s = await Scenario.open(slow);
  const start = s.start();
  await s.advance(SECOND_MS);
  assert.deepEqual([s.dispatched, s.fixture.visibility.length], [0, 0]);
  await release(s);
  await start;
  assert.deepEqual([s.dispatched, s.fixture.visibility.length], [1, 1]);
});

test('a decision that fails leaves nothing', async () => {
  const clock = new VirtualClock();
  const environment = { nowMs: () => clock.nowMs(), nextTaskId: () => 1, failoverVersion: () => 0 };
  const state = { ...ActivityExecutionState.decode(Buffer.alloc(0)), attempt: 1 };
  const execution = new ActivityExecution(environment as never, testNamespace, state, true);
  execution.setContent('heartbeat', text('kept'));
  assert.throws(
    () =>
      execution.decide(() => {
        execution.state.attempt = 2;
        execution.setContent('heartbeat', text('lost'));
        execution.setContent('failure', text('lost'));
        execution.addTask(TaskCategory.TRANSFER, {});
        execution.markVisibility();
        throw new Error('refused');
      }),
    /refused/,
  );
  assert.deepEqual([execution.state.attempt, execution.state.stateTransitionCount], [1, 0]);
  const { tasks, parts } = execution.takeMutation(undefined, 0, () => {});
  assert.deepEqual(tasks, []);
  assert.deepEqual(
    parts.map(({ key, data }) => [key, bytes(data ?? undefined)]),
    [['heartbeat', bytes(text('kept'))]],
  );
});

test('a change writes what it changes, and leaves the input alone', async () => {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const written: string[][] = [];
  const watched: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    commit: (batch: Parameters<ExecutionStore['commit']>[0]) => {
      for (const { executions } of batch) for (const { parts } of executions) written.push(parts.map(({ key }) => key));
      return store.commit(batch);
    },
  });
  const s = await Scenario.open(watched);
  await s.start();
  const task = await s.task();
  await s.heartbeat(task, text('half'));
  await s.complete(task);
  assert.deepEqual(written, [['request'], [], ['heartbeat'], ['outcome']]);
});
