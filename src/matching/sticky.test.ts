import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShutdownWorkerRequest } from '#proto/temporal/api/workflowservice/v1';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const STICKY = { taskQueue: 'worker-1-sticky', sticky: true, normalName: 'queue' };

test('a sticky queue that nobody has polled has no worker', async () => {
  const lab = new MatchingLab();
  assert.equal((await lab.addWorkflowTask('w1', { partition: STICKY })).stickyWorkerUnavailable, true);
  assert.equal(await lab.query('w1', new TestCall(), STICKY), undefined);
});

test('a sticky task goes to its worker', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(), {}, STICKY);
  await lab.clock.settle();
  assert.equal((await lab.addWorkflowTask('w1', { partition: STICKY })).syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('between two polls a sticky task waits for its worker, for ten seconds', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(), {}, STICKY);
  await lab.clock.settle();
  await lab.addWorkflowTask('w1', { partition: STICKY });
  await poll;
  await lab.clock.advance(9_000);
  const waiting = await lab.addWorkflowTask('w2', { partition: STICKY, scheduleToStartTimeoutMs: 5_000 });
  assert.deepEqual(waiting, { syncMatched: false, stickyWorkerUnavailable: false });
  await lab.clock.advance(2_000);
  assert.equal((await lab.addWorkflowTask('w3', { partition: STICKY })).stickyWorkerUnavailable, true);
  // The worker was only slow: what waits is still its own.
  const next = await lab.pollWorkflow(new TestCall(), {}, STICKY);
  assert.equal(next.workflowExecution?.workflowId, 'w2');
});

test('a sticky queue goes with its worker', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(), { identity: 'worker-1' }, STICKY);
  await lab.clock.settle();
  const request = ShutdownWorkerRequest.encode({ identity: 'worker-1', stickyTaskQueue: STICKY.taskQueue });
  await lab.call('ShutdownWorker', lab.apiRequest(request, 1, { taskQueue: STICKY.taskQueue }));
  assert.equal((await poll).taskToken.length, 0);
  assert.equal((await lab.addWorkflowTask('w1', { partition: STICKY })).stickyWorkerUnavailable, true);
});

test('after a restart a sticky queue has no worker until it polls again', async () => {
  const lab = new MatchingLab();
  void lab.pollWorkflow(new TestCall(), {}, STICKY);
  await lab.clock.settle();
  await lab.restart();
  assert.equal((await lab.addWorkflowTask('w1', { partition: STICKY })).stickyWorkerUnavailable, true);
  const poll = lab.pollWorkflow(new TestCall(), {}, STICKY);
  await lab.clock.settle();
  assert.equal((await lab.addWorkflowTask('w2', { partition: STICKY })).syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w2');
});

test('an abandoned sticky queue leaves nothing in the store', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 3_000), {}, STICKY);
  await lab.clock.advance(3_000);
  await poll;
  await lab.addWorkflowTask('w1', { partition: STICKY, scheduleToStartTimeoutMs: 5_000 });
  const store = lab.stores.openTaskQueueStore();
  assert.equal((await store.list('11111111-2222-3333-4444-555555555555', '', 10)).length, 1);
  await lab.clock.advance(330_000);
  assert.equal((await store.list('11111111-2222-3333-4444-555555555555', '', 10)).length, 0);
});
