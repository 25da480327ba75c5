import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeleteNamespaceQueuesRequest } from '#proto/ostinato/matching/v1';
import { DescribeTaskQueueMode, TaskQueueType } from '#proto/temporal/api/enums/v1';
import {
  ListTaskQueuePartitionsRequest,
  ListTaskQueuePartitionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MatchingLab, NAMESPACE_ID } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const REACHABLE = 1;
const ENHANCED = {
  apiMode: DescribeTaskQueueMode.ENHANCED,
  reportStats: true,
  reportPollers: true,
  reportTaskReachability: true,
};

test('pollers are shown with what they said, for five minutes', async () => {
  const lab = new MatchingLab();
  void lab.pollActivity(new TestCall(), {
    identity: 'w1',
    taskQueueMetadata: { maxTasksPerSecond: { value: 3 } },
    workerVersionCapabilities: { buildId: 'b1', useVersioning: false },
  });
  void lab.pollActivity(new TestCall(), { identity: 'w2' });
  await lab.clock.settle();
  const startedMs = lab.clock.nowMs();
  const { pollers } = await lab.describe({}, 2);
  assert.deepEqual(
    pollers.map(({ identity, ratePerSecond, lastAccessTime }) => ({ identity, ratePerSecond, lastAccessTime })),
    [
      { identity: 'w2', ratePerSecond: 100_000, lastAccessTime: startedMs },
      { identity: 'w1', ratePerSecond: 3, lastAccessTime: startedMs },
    ],
  );
  assert.equal(pollers[1]!.workerVersionCapabilities?.buildId, 'b1');
  await lab.clock.advance(60_000);
  assert.equal((await lab.describe({}, 2)).pollers.length, 2);
  await lab.clock.advance(301_000);
  assert.equal((await lab.describe({}, 2)).pollers.length, 0);
});

test('the status shows levels, ids and the exact count', async () => {
  const lab = new MatchingLab();
  for (const id of ['w1', 'w2', 'w3']) await lab.addWorkflowTask(id);
  await lab.pollWorkflow();
  const { taskQueueStatus } = await lab.describe({ includeTaskQueueStatus: true });
  assert.deepEqual(taskQueueStatus, {
    backlogCountHint: 2,
    readLevel: 3,
    ackLevel: 1,
    ratePerSecond: 100_000,
    taskIdBlock: { startId: 1, endId: 100_000 },
  });
  assert.equal((await lab.describe()).taskQueueStatus, undefined);
});

test('the enhanced mode tells count, age, rates and pollers of both types', async () => {
  const lab = new MatchingLab();
  for (const id of ['w1', 'w2']) await lab.addWorkflowTask(id);
  await lab.clock.advance(2_000);
  const { versionsInfo } = await lab.describe(ENHANCED);
  assert.deepEqual([...versionsInfo.keys()], ['']);
  const version = versionsInfo.get('')!;
  assert.equal(version.taskReachability, REACHABLE);
  assert.equal(version.typesInfo.size, 2);
  const workflow = version.typesInfo.get(TaskQueueType.WORKFLOW)!.stats!;
  assert.equal(workflow.approximateBacklogCount, 2);
  assert.equal(workflow.approximateBacklogAge, 2_000);
  assert.equal(workflow.tasksAddRate, 1);
  assert.equal(workflow.tasksDispatchRate, 0);
  const activity = version.typesInfo.get(TaskQueueType.ACTIVITY)!.stats!;
  assert.deepEqual(
    { ...activity },
    {
      approximateBacklogCount: 0,
      approximateBacklogAge: 0,
      tasksAddRate: 0,
      tasksDispatchRate: 0,
      rateLimitingActive: false,
    },
  );
  await lab.pollWorkflow(new TestCall(), { identity: 'me' });
  await lab.pollWorkflow(new TestCall(), { identity: 'me' });
  const after = (await lab.describe(ENHANCED)).versionsInfo.get('')!.typesInfo.get(TaskQueueType.WORKFLOW)!;
  assert.equal(after.stats!.approximateBacklogCount, 0);
  assert.equal(after.stats!.approximateBacklogAge, 0);
  assert.ok(after.stats!.tasksDispatchRate > 0);
  assert.deepEqual(
    after.pollers.map(({ identity }) => identity),
    ['me'],
  );
});

test('tasks that never went to the backlog count in the rates', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  await lab.addWorkflowTask('w1');
  await poll;
  await lab.clock.advance(1_000);
  const { stats } = await lab.describe({ reportStats: true });
  assert.ok(stats!.tasksAddRate > 0);
  assert.ok(stats!.tasksDispatchRate > 0);
  assert.equal(stats!.approximateBacklogCount, 0);
});

test('statistics of all partitions are added up by the root', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.numTaskqueueReadPartitions', 4);
  lab.settings.set('matching.numTaskqueueWritePartitions', 4);
  for (let partitionId = 0; partitionId < 4; partitionId++) {
    await lab.addWorkflowTask(`w${partitionId}`, { partition: { partitionId } });
  }
  const { versionsInfo } = await lab.describe(ENHANCED);
  assert.equal(versionsInfo.get('')!.typesInfo.get(TaskQueueType.WORKFLOW)!.stats!.approximateBacklogCount, 4);
  assert.equal((await lab.describe({ reportStats: true })).stats!.approximateBacklogCount, 4);
  await assert.rejects(lab.describe({ reportStats: true }, 1, { partitionId: 2 }), {
    message: 'DescribeTaskQueue stats are only supported for the root partition',
  });
});

test('partitions are listed with their owner', async () => {
  const lab = new MatchingLab();
  const list = async () => {
    const request = ListTaskQueuePartitionsRequest.encode({ taskQueue: { name: 'queue' } });
    return ListTaskQueuePartitionsResponse.decode(
      await lab.call('ListTaskQueuePartitions', lab.apiRequest(request, 1)),
    );
  };
  assert.deepEqual((await list()).workflowTaskQueuePartitions, [{ key: 'queue', ownerHostName: 'host-1' }]);
  lab.settings.set('matching.numTaskqueueWritePartitions', 3);
  assert.deepEqual(
    (await list()).activityTaskQueuePartitions.map(({ key }) => key),
    ['queue', '/_sys/queue/1', '/_sys/queue/2'],
  );
});

test('a namespace that goes takes its queues with it', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w1');
  await lab.addWorkflowTask('w2', { priorityKey: 1 });
  await lab.addActivityTask('w3');
  const poll = lab.pollWorkflow(new TestCall(), {}, { taskQueue: 'other' });
  await lab.clock.settle();
  await lab.call('DeleteNamespaceQueues', DeleteNamespaceQueuesRequest.encode({ namespaceId: NAMESPACE_ID }));
  assert.equal((await poll).taskToken.length, 0);
  assert.deepEqual(await lab.stores.openTaskQueueStore().list(NAMESPACE_ID, '', 100), []);
  assert.equal(await lab.backlogCount(), 0);
});
