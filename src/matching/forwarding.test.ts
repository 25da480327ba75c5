import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UpdateTaskQueueConfigRequest } from '#proto/temporal/api/workflowservice/v1';
import { unavailable } from '../proto/service-errors.ts';
import { queryIdOf } from './testing/fake-history.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const CHILD = { partitionId: 1 };
const ANSWERED = 1;

function lab(): MatchingLab {
  const created = new MatchingLab();
  created.settings.set('matching.numTaskqueueReadPartitions', 2);
  created.settings.set('matching.numTaskqueueWritePartitions', 2);
  return created;
}

test('a task of a child partition meets a poll of the root without touching the store', async () => {
  const matching = lab();
  const poll = matching.pollWorkflow();
  await matching.clock.settle();
  const added = await matching.addWorkflowTask('w1', { partition: CHILD });
  assert.equal(added.syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
  assert.equal(await matching.stores.openTaskQueueStore().count(matching.partitionKey(1, 1), 0), 0);
});

test('a poll of a child partition meets a task of the root', async () => {
  const matching = lab();
  const poll = matching.pollWorkflow(new TestCall(), {}, CHILD);
  await matching.clock.settle();
  assert.equal((await matching.addWorkflowTask('w1')).syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('poll and task of two children meet at the root', async () => {
  const matching = lab();
  matching.settings.set('matching.numTaskqueueReadPartitions', 3);
  const poll = matching.pollWorkflow(new TestCall(), {}, { partitionId: 2 });
  await matching.clock.settle();
  assert.equal((await matching.addWorkflowTask('w1', { partition: CHILD })).syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('partitions of a deeper tree reach the root step by step', async () => {
  const matching = lab();
  matching.settings.set('matching.forwarderMaxChildrenPerNode', 1);
  matching.settings.set('matching.numTaskqueueReadPartitions', 4);
  const poll = matching.pollWorkflow();
  await matching.clock.settle();
  assert.equal((await matching.addWorkflowTask('w1', { partition: { partitionId: 3 } })).syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('a task without a poll anywhere is kept by its own partition and found by a poll of the root', async () => {
  const matching = lab();
  assert.equal((await matching.addWorkflowTask('w1', { partition: CHILD })).syncMatched, false);
  assert.equal(await matching.stores.openTaskQueueStore().count(matching.partitionKey(1, 1), 0), 1);
  await matching.clock.advance(1_000);
  assert.equal((await matching.pollWorkflow()).workflowExecution?.workflowId, 'w1');
  assert.equal((await matching.describe({ reportStats: true })).stats?.approximateBacklogCount, 0);
});

test('after a restart a poll of the root wakes the backlog of a child', async () => {
  const matching = lab();
  await matching.addWorkflowTask('w1', { partition: CHILD });
  await matching.restart();
  const poll = matching.pollWorkflow();
  await matching.clock.advance(1_000);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('a backlog of a child is worked off through the root at the rate of forwarding', async () => {
  const matching = lab();
  for (let i = 0; i < 30; i++) await matching.addWorkflowTask(`w${i}`, { partition: CHILD });
  const taken: string[] = [];
  const startedMs = matching.clock.nowMs();
  const poll = (): void => {
    void matching.pollWorkflow().then(({ workflowExecution }) => {
      if (workflowExecution !== undefined) taken.push(workflowExecution.workflowId);
      if (taken.length < 30) poll();
    });
  };
  poll();
  while (taken.length < 30 && matching.clock.nowMs() - startedMs < 20_000) await matching.clock.advance(50);
  assert.equal(taken.length, 30);
  assert.deepEqual(taken, [...new Set(taken)]);
  assert.ok(matching.clock.nowMs() - startedMs >= 1_500, 'ten a second, and ten at once');
});

test('cancelling a forwarded poll takes it from the root', async () => {
  const matching = lab();
  const call = new TestCall();
  const poll = matching.pollWorkflow(call, {}, CHILD);
  await matching.clock.settle();
  call.cancel();
  assert.equal((await poll).taskToken.length, 0);
  assert.equal((await matching.addWorkflowTask('w1')).syncMatched, false);
  assert.equal(matching.history.requests.length, 0);
});

test('only one poll at a time goes to the root, the others wait for tasks of their own', async () => {
  const matching = lab();
  const first = matching.pollWorkflow(new TestCall(), {}, CHILD);
  const second = matching.pollWorkflow(new TestCall(), {}, CHILD);
  await matching.clock.settle();
  await matching.addWorkflowTask('own', { partition: CHILD });
  assert.equal((await second).workflowExecution?.workflowId, 'own');
  await matching.addWorkflowTask("root's");
  assert.equal((await first).workflowExecution?.workflowId, "root's");
});

test('a forwarded poll that expires at the root is answered empty', async () => {
  const matching = lab();
  const poll = matching.pollWorkflow(new TestCall(matching.clock.nowMs() + 10_000), {}, CHILD);
  await matching.clock.advance(9_000);
  assert.equal((await poll).taskToken.length, 0);
});

test('a query of a child partition is answered through the root', async () => {
  const matching = lab();
  const query = matching.query('w1', new TestCall(matching.clock.nowMs() + 10_000), CHILD);
  await matching.clock.settle();
  const { taskToken } = await matching.pollWorkflow();
  await matching.respondQuery(queryIdOf(taskToken), { completedType: ANSWERED, queryResult: Buffer.from([10, 0]) });
  assert.deepEqual([...((await query)?.queryResult ?? [])], [10, 0]);
});

test('a start whose answer got lost at the root is found again when the task is forwarded again', async () => {
  const matching = lab();
  let answers = 0;
  matching.history.onStart = (start) => {
    if (answers++ > 0) return 'start';
    matching.history.record(start);
    return unavailable('the answer got lost');
  };
  const poll = matching.pollWorkflow();
  await matching.clock.settle();
  await matching.addWorkflowTask('w1', { partition: CHILD });
  await matching.clock.advance(2_000);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
});

test('the configuration of the root reaches its children, at once and when they are loaded later', async () => {
  const matching = lab();
  await matching.describe({}, 2, CHILD);
  const request = UpdateTaskQueueConfigRequest.encode({
    updateQueueRateLimit: { rateLimit: { requestsPerSecond: 8 }, reason: 'test' },
  });
  await matching.call('UpdateTaskQueueConfig', matching.apiRequest(request, 2));
  const limit = async () => (await matching.describe({}, 2, CHILD)).effectiveRateLimit?.requestsPerSecond;
  assert.equal(await limit(), 8);
  await matching.restart();
  await limit();
  assert.equal(await limit(), 8);
});
