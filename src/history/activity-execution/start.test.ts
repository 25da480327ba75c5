// The start of an activity without a workflow: what its worker gets, request ids, policies for its id, delays.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ActivityExecutionStatus,
  ActivityIdConflictPolicy,
  ActivityIdReusePolicy,
  PendingActivityState,
  TimeoutType,
} from '#proto/temporal/api/enums/v1';
import { GrpcCode, type ServiceError } from '../../base/service-error.ts';
import { MergedMetrics } from '../../metrics/merged-metrics.ts';
import { bytes, MINUTE_MS, refused, Scenario, SECOND_MS, text } from './testing/scenario.ts';

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
    const metrics = new MergedMetrics();
    const numbers = metrics.sum([s.fixture.metrics.snapshot()]);
    const [success] = metrics.families.get('activity_success')?.series.values() ?? [];
    assert.equal(numbers[success!.at], 1);
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
