import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PendingCalls } from './pending-calls.ts';

function startCalls() {
  const abandoned: number[] = [];
  const calls = new PendingCalls((correlationId) => abandoned.push(correlationId));
  const rejected: number[] = [];
  const add = (deadlineMs?: number): number => {
    const correlationId = calls.nextId();
    const options = deadlineMs === undefined ? undefined : { deadlineMs };
    calls.add(correlationId, options).catch(() => rejected.push(correlationId));
    return correlationId;
  };
  return { calls, add, abandoned, rejected };
}

test('a call expires at its deadline, not before, and its callee is told', async () => {
  const { calls, add, abandoned, rejected } = startCalls();
  const late = add(300);
  const never = add();
  const early = add(100);
  calls.expire(99);
  assert.deepEqual(abandoned, []);
  calls.expire(100);
  assert.deepEqual(abandoned, [early]);
  calls.expire(250);
  assert.deepEqual(abandoned, [early]);
  calls.expire(1_000);
  assert.deepEqual(abandoned, [early, late]);
  await null;
  assert.deepEqual(rejected, [early, late]);
  assert.equal(calls.size, 1);
  assert.ok(calls.resolve(never, new Uint8Array(0)));
});

test('a call that comes later with an earlier deadline does not wait for the others', () => {
  const { calls, add, abandoned } = startCalls();
  add(1_000);
  calls.expire(10);
  const early = add(20);
  calls.expire(20);
  assert.deepEqual(abandoned, [early]);
});

test('the next deadline is that of a call that still waits', () => {
  const { calls, add } = startCalls();
  assert.equal(calls.nextDeadlineMs(), Number.POSITIVE_INFINITY);
  const first = add(100);
  add(200);
  assert.equal(calls.nextDeadlineMs(), 100);
  calls.resolve(first, new Uint8Array(0));
  assert.equal(calls.nextDeadlineMs(), 200);
  calls.expire(150);
  assert.equal(calls.size, 1);
});

test('a call that is made while others expire keeps its own deadline', () => {
  const abandoned: number[] = [];
  const calls: PendingCalls = new PendingCalls((correlationId) => {
    abandoned.push(correlationId);
    if (abandoned.length === 1) calls.add(9, { deadlineMs: 120 }).catch(() => {});
  });
  calls.add(7, { deadlineMs: 100 }).catch(() => {});
  calls.add(8, { deadlineMs: 1_000 }).catch(() => {});
  calls.expire(100);
  assert.deepEqual(abandoned, [7]);
  calls.expire(120);
  assert.deepEqual(abandoned, [7, 9]);
});
