// How an activity without a workflow ends: cancelled, terminated, deleted, and gone after its retention.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { ActivityExecutionStatus, ActivityIdReusePolicy, PendingActivityState } from '#proto/temporal/api/enums/v1';
import { GrpcCode } from '../../base/service-error.ts';
import {
  bytes,
  CANCELED,
  DAY_MS,
  DELETE,
  ID,
  MINUTE_MS,
  notThere,
  refused,
  Scenario,
  SECOND_MS,
  text,
} from './testing/scenario.ts';

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

describe('the end of everything', () => {
  test('a deleted activity is terminated, gone, and its id is free', async () => {
    const s = await Scenario.open();
    const { runId } = await s.start();
    await s.fixture.rpc('DeleteActivityExecution', DELETE, ID);
    await s.advance(SECOND_MS);
    await assert.rejects(s.describe(), notThere);
    await assert.rejects(s.describe({ runId }), notThere);
    const last = RecordVisibilityRequest.decode(s.fixture.visibility.at(-1) as Uint8Array).records.at(-1);
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
