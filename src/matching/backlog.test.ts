import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { StoreFault } from '../persistence/memory/fault-gate.ts';
import { TASK_ID_BLOCK_SIZE } from './limits.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

async function takeAll(lab: MatchingLab, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const response = await lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 2_000));
    assert.notEqual(response.workflowExecution, undefined, `only ${taken.length} of ${count} tasks came`);
    taken.push(response.workflowExecution!.workflowId);
  }
  return taken;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `w${i}`);

for (const answer of ['sync', 'promise'] as const) {
  test(`tasks without a poller are durable before AddTask answers (${answer} store)`, async () => {
    const lab = new MatchingLab({ answer });
    for (const name of names(3)) assert.equal((await lab.addWorkflowTask(name)).syncMatched, false);
    assert.equal(await lab.stores.openTaskQueueStore().count(lab.partitionKey(1), 0), 3);
    assert.equal(await lab.backlogCount(), 3);
    assert.deepEqual(await takeAll(lab, 3), names(3));
  });

  test(`the backlog is read back in order after a restart (${answer} store)`, async () => {
    const lab = new MatchingLab({ answer });
    await Promise.all(names(25).map((name) => lab.addWorkflowTask(name)));
    await lab.restart({ answer });
    assert.equal(await lab.backlogCount(), 25);
    assert.deepEqual(await takeAll(lab, 25), names(25));
    assert.equal(await lab.backlogCount(), 0);
  });

  test(`a backlog larger than the buffer is dispatched completely and in order (${answer} store)`, async () => {
    const lab = new MatchingLab({ answer });
    lab.settings.set('matching.getTasksBatchSize', 10);
    lab.settings.set('matching.getTasksReloadAt', 3);
    await Promise.all(names(57).map((name) => lab.addWorkflowTask(name)));
    const first = await takeAll(lab, 20);
    await lab.addWorkflowTask('late');
    assert.deepEqual([...first, ...(await takeAll(lab, 38))], [...names(57), 'late']);
  });
}

test('all tasks of one turn, of whatever queue, share one commit', async () => {
  const operations: string[] = [];
  const lab = new MatchingLab({
    fault: (operation) => {
      operations.push(operation);
      return undefined;
    },
  });
  await lab.backlogCount(1);
  await lab.backlogCount(2);
  operations.length = 0;
  await Promise.all([
    ...names(10).map((name) => lab.addWorkflowTask(name)),
    ...names(10).map((name) => lab.addActivityTask(name)),
  ]);
  assert.deepEqual(
    operations.filter((operation) => operation === 'commitTaskQueues'),
    ['commitTaskQueues'],
  );
});

test('while a commit is in flight the next batch accumulates', async () => {
  let release: () => void = () => {};
  const commits: string[] = [];
  const lab = new MatchingLab({
    answer: 'promise',
    delay: (operation, stage) => {
      if (operation !== 'commitTaskQueues' || stage === 'after') return undefined;
      commits.push(operation);
      return new Promise((resolve) => {
        release = resolve;
      });
    },
  });
  await lab.backlogCount();
  const first = lab.addWorkflowTask('w0');
  await lab.clock.settle();
  const rest = Promise.all(names(20).map((name) => lab.addWorkflowTask(name)));
  await lab.clock.settle();
  assert.equal(commits.length, 1);
  release();
  await first;
  await lab.clock.settle();
  assert.equal(commits.length, 2);
  release();
  await rest;
  assert.equal(commits.length, 2);
});

test('a deletion of done tasks that fails is tried again', async () => {
  let planned: StoreFault | undefined;
  const lab = new MatchingLab({ fault: (operation) => (operation === 'commitTaskQueues' ? planned : undefined) });
  await lab.addWorkflowTask('w1');
  await lab.pollWorkflow();
  planned = 'fail-before';
  const stored = () => lab.stores.openTaskQueueStore().count(lab.partitionKey(1), 0);
  await lab.clock.advance(60_000);
  assert.equal(await stored(), 1);
  planned = undefined;
  await lab.clock.advance(60_000);
  assert.equal(await stored(), 0);
});

for (const fault of ['fail-before', 'fail-after'] as const) {
  test(`a commit that fails (${fault}) is told to history, and what was written all the same is dispatched`, async () => {
    let planned: StoreFault | undefined;
    const lab = new MatchingLab({ fault: (operation) => (operation === 'commitTaskQueues' ? planned : undefined) });
    await lab.backlogCount();
    planned = fault;
    await assert.rejects(
      lab.addWorkflowTask('lost-answer'),
      (error) => error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE,
    );
    planned = undefined;
    await lab.addWorkflowTask('w1');
    const expected = fault === 'fail-after' ? ['lost-answer', 'w1'] : ['w1'];
    assert.equal(await lab.backlogCount(), expected.length);
    assert.deepEqual(await takeAll(lab, expected.length), expected);
    assert.equal(await lab.backlogCount(), 0);
  });
}

test('a store that cannot be read for a while delays the backlog and loses nothing', async () => {
  let failing = true;
  const lab = new MatchingLab();
  await Promise.all(names(5).map((name) => lab.addWorkflowTask(name)));
  await lab.restart({ fault: (operation) => (operation === 'readBacklog' && failing ? 'fail-before' : undefined) });
  const poll = lab.pollWorkflow();
  await lab.clock.advance(3_000);
  failing = false;
  await lab.clock.advance(10_000);
  assert.equal((await poll).workflowExecution?.workflowId, 'w0');
  assert.deepEqual(await takeAll(lab, 4), ['w1', 'w2', 'w3', 'w4']);
});

test('a store that cannot be reached fails the call and is tried again by the next', async () => {
  let failing = true;
  const lab = new MatchingLab({ fault: (operation) => (operation === 'lease' && failing ? 'fail-before' : undefined) });
  await assert.rejects(
    lab.addWorkflowTask('w0'),
    (error) => error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE,
  );
  failing = false;
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, false);
});

test('done tasks are deleted by range after the interval, not on the way', async () => {
  const lab = new MatchingLab();
  const store = lab.stores.openTaskQueueStore();
  await Promise.all(names(10).map((name) => lab.addWorkflowTask(name)));
  await takeAll(lab, 7);
  assert.equal(await store.count(lab.partitionKey(1), 0), 10);
  await lab.clock.advance(15_000);
  assert.equal(await store.count(lab.partitionKey(1), 0), 3);
});

test('many done tasks are deleted without waiting for the interval', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.maxTaskDeleteBatchSize', 200);
  const store = lab.stores.openTaskQueueStore();
  await Promise.all(names(210).map((name) => lab.addWorkflowTask(name)));
  const before = lab.clock.nowMs();
  await takeAll(lab, 201);
  await lab.clock.settle();
  assert.equal(lab.clock.nowMs(), before);
  assert.ok((await store.count(lab.partitionKey(1), 0)) <= 10);
});

test('a task that is not done holds the ack level, whatever is done after it', async () => {
  const lab = new MatchingLab();
  let release: () => void = () => {};
  lab.history.onStart = ({ workflowId }) =>
    workflowId === 'w0' ? new Promise((resolve) => (release = () => resolve('start'))) : 'start';
  await Promise.all(names(5).map((name) => lab.addWorkflowTask(name)));
  const slow = lab.pollWorkflow();
  await lab.clock.settle();
  await takeAll(lab, 4);
  await lab.clock.advance(16_000);
  assert.equal(await lab.stores.openTaskQueueStore().count(lab.partitionKey(1), 0), 5);
  assert.equal(await lab.backlogCount(), 1);
  release();
  assert.equal((await slow).workflowExecution?.workflowId, 'w0');
  await lab.clock.advance(16_000);
  assert.equal(await lab.stores.openTaskQueueStore().count(lab.partitionKey(1), 0), 0);
});

test('an expired task is not dispatched, and leaves the count without a poll', async () => {
  const lab = new MatchingLab();
  await lab.addActivityTask('short', { scheduleToStartTimeoutMs: 2_000 });
  await lab.addActivityTask('long', { scheduleToStartTimeoutMs: 60_000 });
  await lab.addActivityTask('ever');
  assert.equal(await lab.backlogCount(2), 3);
  await lab.clock.advance(5_000);
  assert.equal(await lab.backlogCount(2), 2);
  assert.equal((await lab.pollActivity()).workflowExecution?.workflowId, 'long');
  assert.equal((await lab.pollActivity()).workflowExecution?.workflowId, 'ever');
});

test('tasks that expired while nobody had the queue are skipped when it is read', async () => {
  const lab = new MatchingLab();
  await lab.addActivityTask('short', { scheduleToStartTimeoutMs: 2_000 });
  await lab.addActivityTask('ever');
  await lab.restart();
  await lab.clock.advance(5_000);
  assert.equal((await lab.pollActivity()).workflowExecution?.workflowId, 'ever');
  assert.equal(await lab.backlogCount(2), 0);
});

test('an owner that was replaced writes nothing and unloads', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w0');
  const parked = lab.pollActivity();
  await lab.clock.settle();
  const second = lab.secondOwner();
  const describe = lab.apiRequest(new Uint8Array(0), 1);
  await lab.callOn(second, 'DescribeTaskQueue', describe);
  await assert.rejects(
    lab.addWorkflowTask('w1'),
    (error) => error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE,
  );
  // The next call leases the queue again, and everything durable is there.
  await lab.addWorkflowTask('w2');
  assert.deepEqual(await takeAll(lab, 2), ['w0', 'w2']);
  // Queues that were not taken over are untouched.
  await lab.addActivityTask('a0');
  assert.equal((await parked).workflowExecution?.workflowId, 'a0');
});

test('one fenced queue does not take the commit of the others with it', async () => {
  const lab = new MatchingLab();
  await lab.backlogCount(1);
  await lab.backlogCount(2);
  const second = lab.secondOwner();
  await lab.callOn(second, 'DescribeTaskQueue', lab.apiRequest(new Uint8Array(0), 1));
  const [workflow, activity] = await Promise.allSettled([lab.addWorkflowTask('w0'), lab.addActivityTask('a0')]);
  assert.equal(workflow.status, 'rejected');
  assert.equal(activity.status, 'fulfilled');
});

test('ids continue in a new block when a lease has used up its own', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.outstandingTaskAppendsThreshold', 1_000_000);
  const store = lab.stores.openTaskQueueStore();
  const total = TASK_ID_BLOCK_SIZE + 50;
  const request = lab.taskRequest(1, 'w');
  await lab.backlogCount();
  let done = 0;
  for (let i = 0; i < total; i += 10_000) {
    const part = Math.min(10_000, total - i);
    const calls = Array.from({ length: part }, () =>
      Promise.resolve(lab.service.handlers.AddWorkflowTask(request, new TestCall(), 0)),
    );
    await lab.clock.settle();
    done += (await Promise.all(calls)).length;
  }
  assert.equal(done, total);
  assert.equal(await store.count(lab.partitionKey(1), 0), total);
  assert.equal(await lab.backlogCount(), total);
});

test('an idle queue is unloaded and comes back with its backlog', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w0');
  const before = (await lab.describe({ includeTaskQueueStatus: true })).taskQueueStatus!.taskIdBlock!.startId;
  await lab.clock.advance(301_000);
  const after = (await lab.describe({ includeTaskQueueStatus: true })).taskQueueStatus!;
  assert.ok(after.taskIdBlock!.startId > before, 'a new lease was taken');
  assert.equal(after.backlogCountHint, 1);
  assert.deepEqual(await takeAll(lab, 1), ['w0']);
});

test('too many tasks on their way to the store are refused, not queued without bound', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.outstandingTaskAppendsThreshold', 5);
  const calls = names(8).map((name) => lab.addWorkflowTask(name));
  const results = await Promise.allSettled(calls);
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 3);
  assert.ok(refused.every(({ reason }) => (reason as ServiceError).code === GrpcCode.RESOURCE_EXHAUSTED));
});
