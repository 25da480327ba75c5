// Duties that nobody would ever have to do are not queued: each is a row of the store, and later a turn of its queue.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShardTask } from '#proto/ostinato/persistence/v1';
import { CommandType, TimeoutType } from '#proto/temporal/api/enums/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { historyFixture, NAMESPACE_ID } from '../testing/history-fixture.ts';
import { TaskType } from './task-type.ts';

const FIRST = { fireTimeMs: 0, taskId: 0 };
const LAST = { fireTimeMs: Number.MAX_SAFE_INTEGER, taskId: Number.MAX_SAFE_INTEGER };

/** A fixture whose commits can be read back before anything is acknowledged. */
async function openFixture() {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const fixture = await historyFixture(store);
  const queued = async (category: TaskCategory, type: number) =>
    (await store.readTasks(1, category, FIRST, LAST, 100))
      .map(({ data }) => ShardTask.decode(data))
      .filter((task) => task.type === type);
  return { fixture, queued };
}

const complete = {
  commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
  completeWorkflowExecutionCommandAttributes: {},
};
const startChild = {
  commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
  startChildWorkflowExecutionCommandAttributes: {
    workflowId: 'child',
    workflowType: { name: 'type' },
    taskQueue: { name: 'test-queue' },
  },
};
const schedule = {
  commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId: 'a',
    activityType: { name: 'type' },
    taskQueue: { name: 'test-queue' },
    startToCloseTimeout: 60_000,
    scheduleToStartTimeout: 120_000,
  },
};

test('the end of a run without parent and children concerns nobody', async () => {
  const { fixture, queued } = await openFixture();
  await fixture.start({ workflowId: 'w' });
  await fixture.complete({ taskToken: (await fixture.pollWorkflowTask()).taskToken, commands: [complete] });
  assert.deepEqual(await queued(TaskCategory.TRANSFER, TaskType.CLOSE_EXECUTION), []);
});

test('the end of a run with a child that goes on, or was only about to start, is looked at', async () => {
  const { fixture, queued } = await openFixture();
  await fixture.start({ workflowId: 'w' });
  await fixture.complete({ taskToken: (await fixture.pollWorkflowTask()).taskToken, commands: [startChild, complete] });
  assert.equal((await queued(TaskCategory.TRANSFER, TaskType.CLOSE_EXECUTION)).length, 1);
});

test('an activity that starts with its schedule has the deadline of its attempt and no other', async () => {
  const { fixture, queued } = await openFixture();
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  const place = { namespaceId: NAMESPACE_ID, taskQueue: 'test-queue', taskQueueType: 2, partitionId: 0 };
  fixture.polls.offer(partitionKey(place), PollActivityTaskQueueRequest.encode({ identity: 'parked' }), () => true);
  await fixture.complete({ taskToken, commands: [schedule] });
  const timeouts = await queued(TaskCategory.TIMER, TaskType.ACTIVITY_TIMEOUT);
  assert.deepEqual(
    timeouts.map(({ timeoutType }) => timeoutType),
    [TimeoutType.START_TO_CLOSE],
  );
});

test('an activity that waits for a worker has the deadline of its waiting', async () => {
  const { fixture, queued } = await openFixture();
  await fixture.start({ workflowId: 'w' });
  await fixture.complete({ taskToken: (await fixture.pollWorkflowTask()).taskToken, commands: [schedule] });
  const timeouts = await queued(TaskCategory.TIMER, TaskType.ACTIVITY_TIMEOUT);
  assert.deepEqual(
    timeouts.map(({ timeoutType }) => timeoutType),
    [TimeoutType.SCHEDULE_TO_START],
  );
});
