// Tasks that take a poll from the board of the process instead of asking matching.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordActivityTaskStartedRequest, RecordWorkflowTaskStartedRequest } from '#proto/ostinato/history/v1';
import { CommandType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import {
  PollActivityTaskQueueRequest,
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueRequest,
  PollWorkflowTaskQueueResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { type HistoryFixture, historyFixture, NAMESPACE_ID } from '../testing/history-fixture.ts';

const COMPLETE = [RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse] as const;
const FAIL = [RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse] as const;
const WORKFLOW = 1;
const ACTIVITY = 2;

const fixtureOf = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));

let slots = 0;

function offer(fixture: HistoryFixture, taskQueueType: number, taskQueue = 'test-queue'): void {
  const key = partitionKey({ namespaceId: NAMESPACE_ID, taskQueue, taskQueueType, partitionId: 0 });
  const request = { identity: 'parked-worker', taskQueue: { name: taskQueue } };
  const encoded =
    taskQueueType === WORKFLOW
      ? PollWorkflowTaskQueueRequest.encode(request)
      : PollActivityTaskQueueRequest.encode(request);
  const next = slots++ % 64;
  assert.ok(fixture.polls.offer(key, encoded, (slot) => slot % 64 === next) !== undefined);
}

const schedule = (activityId: string, attributes: object = {}) => ({
  commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId,
    activityType: { name: 'type' },
    taskQueue: { name: 'test-queue' },
    startToCloseTimeout: 60_000,
    scheduleToStartTimeout: 120_000,
    ...attributes,
  },
});

const cancel = (scheduledEventId: number) => ({
  commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
  requestCancelActivityTaskCommandAttributes: { scheduledEventId },
});

const activityOf = ({ response }: { response: Uint8Array }) => PollActivityTaskQueueResponse.decode(response);

async function firstTask(fixture: HistoryFixture): Promise<PollWorkflowTaskQueueResponse> {
  await fixture.start({ workflowId: 'w' });
  return fixture.pollWorkflowTask();
}

test('a workflow task starts for a parked poll', async () => {
  const fixture = await fixtureOf();
  offer(fixture, WORKFLOW);
  await fixture.start({ workflowId: 'w' });
  assert.equal(fixture.workflowTasks.length, 0);
  const [handed] = fixture.handedOver;
  assert.equal(handed?.partition?.taskQueue, 'test-queue');
  const task = PollWorkflowTaskQueueResponse.decode(handed!.response);
  assert.equal(task.workflowExecution?.workflowId, 'w');
  await fixture.complete({ taskToken: task.taskToken, commands: [] });
  assert.deepEqual(await fixture.eventNames('w'), [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
  ]);
});

test('a poll of the sticky queue gets the task of its run', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  offer(fixture, ACTIVITY);
  offer(fixture, WORKFLOW, 'sticky-queue');
  await fixture.complete({
    taskToken: task.taskToken,
    stickyAttributes: { workerTaskQueue: { name: 'sticky-queue' }, scheduleToStartTimeout: 5_000 },
    commands: [schedule('a')],
  });
  const activity = activityOf(fixture.handedOver.shift()!);
  await fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken: activity.taskToken });
  const [handed] = fixture.handedOver;
  assert.equal(handed?.partition?.taskQueue, 'sticky-queue');
  assert.equal(handed?.partition?.normalName, 'test-queue');
  assert.equal(PollWorkflowTaskQueueResponse.decode(handed!.response).workflowExecution?.workflowId, 'w');
});

test('as many activities as polls wait start with their schedule, the others go to matching', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  offer(fixture, ACTIVITY);
  offer(fixture, ACTIVITY);
  await fixture.complete({ taskToken: task.taskToken, commands: ['a', 'b', 'c'].map((id) => schedule(id)) });
  const started = fixture.handedOver.map(activityOf);
  assert.deepEqual(
    started.map(({ activityId }) => activityId),
    ['a', 'b'],
  );
  assert.equal(fixture.activityTasks.length, 1);
  assert.equal((await fixture.pollActivityTask()).activityId, 'c');
  for (const { taskToken } of started) await fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken });
  const names = await fixture.eventNames('w');
  assert.equal(names.filter((name) => name === 'ActivityTaskStarted').length, 2);
});

test('the poll of an activity that its own task cancels is not taken', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  offer(fixture, ACTIVITY);
  await fixture.complete({ taskToken: task.taskToken, commands: [schedule('a'), cancel(5)] });
  assert.deepEqual([fixture.handedOver, fixture.returnedPolls, fixture.activityTasks], [[], [], []]);
});

test('a retried attempt starts for a parked poll', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  const command = schedule('a', { retryPolicy: { initialInterval: 1_000 } });
  await fixture.complete({ taskToken: task.taskToken, commands: [command] });
  const { taskToken } = await fixture.pollActivityTask();
  offer(fixture, ACTIVITY);
  await fixture.rpc('RespondActivityTaskFailed', FAIL, { taskToken, failure: Failure.encode({ message: 'again' }) });
  await fixture.clock.advance(2_000);
  assert.equal(activityOf(fixture.handedOver[0]!).attempt, 2);
});

test('when the poll cannot be answered, matching gets the started task under its request id', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  offer(fixture, ACTIVITY);
  fixture.link.isUp = false;
  await fixture.complete({ taskToken: task.taskToken, commands: [schedule('a')] });
  const [added] = fixture.activityTasks;
  assert.ok(added !== undefined && added.startRequestId !== '');
  const response = await fixture.call(
    'RecordActivityTaskStarted',
    RecordActivityTaskStartedRequest.encode({
      namespaceId: NAMESPACE_ID,
      workflowId: 'w',
      runId: added.execution?.runId,
      scheduledEventId: added.scheduledEventId,
      requestId: added.startRequestId,
      stamp: added.stamp,
      pollRequest: PollActivityTaskQueueRequest.encode({ identity: 'another' }),
    }),
  );
  const { taskToken } = PollActivityTaskQueueResponse.decode(response);
  await fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken });
});

test('a workflow task whose poll cannot be answered is found again by the one that matching gets', async () => {
  const fixture = await fixtureOf();
  offer(fixture, WORKFLOW);
  fixture.link.isUp = false;
  await fixture.start({ workflowId: 'w' });
  const [added] = fixture.workflowTasks;
  assert.ok(added !== undefined && added.startRequestId !== '');
  const start = (requestId: string, triedRequestId: string) =>
    fixture.call(
      'RecordWorkflowTaskStarted',
      RecordWorkflowTaskStartedRequest.encode({
        namespaceId: NAMESPACE_ID,
        workflowId: 'w',
        runId: added.execution?.runId,
        scheduledEventId: added.scheduledEventId,
        requestId,
        triedRequestId,
        stamp: added.stamp,
        pollRequest: PollWorkflowTaskQueueRequest.encode({ identity: 'another', taskQueue: { name: 'test-queue' } }),
      }),
    );
  await assert.rejects(start('task', 'unknown'), /Workflow task already started/);
  const { taskToken } = PollWorkflowTaskQueueResponse.decode(await start('task', added.startRequestId));
  await fixture.complete({ taskToken, commands: [] });
});

test('a decision that does not stand gives its polls back', async () => {
  const fixture = await fixtureOf();
  const task = await firstTask(fixture);
  offer(fixture, ACTIVITY);
  // The claims come last, so only what is looked at after all commands can still undo them: the size of the run.
  fixture.settings.set('limit.historyCount.error', 1);
  await assert.rejects(fixture.complete({ taskToken: task.taskToken, commands: [schedule('a')] }));
  assert.equal((await fixture.eventNames('w')).at(-1), 'WorkflowExecutionTerminated');
  assert.deepEqual(fixture.handedOver, []);
  assert.equal(fixture.returnedPolls.length, 1);
});
