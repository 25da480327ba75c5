// Calls that wait for a change or for the outcome of an activity without a workflow.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PendingActivityState } from '#proto/temporal/api/enums/v1';
import { GrpcCode } from '../../base/service-error.ts';
import { bytes, DELETE, DESCRIBE, ID, notThere, POLL, refused, Scenario, SECOND_MS, text } from './testing/scenario.ts';

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
