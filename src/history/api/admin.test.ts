import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, EventType, HistoryEventFilterType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import {
  DescribeHistoryHostResponse,
  DescribeMutableStateRequest,
  DescribeMutableStateResponse,
  GetShardResponse,
  GetWorkflowExecutionRawHistoryV2Request,
  GetWorkflowExecutionRawHistoryV2Response,
  ImportWorkflowExecutionRequest,
  ImportWorkflowExecutionResponse,
  ListHistoryTasksRequest,
  ListHistoryTasksResponse,
  RebuildMutableStateRequest,
  RebuildMutableStateResponse,
  RefreshWorkflowTasksRequest,
  RefreshWorkflowTasksResponse,
} from '#proto/temporal/server/api/adminservice/v1';
import { TaskType } from '#proto/temporal/server/api/enums/v1';
import type { WorkflowMutableState } from '#proto/temporal/server/api/persistence/v1';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const DAY_MS = 86_400_000;

const fixtureWithTimer = async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const runId = await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.START_TIMER,
        startTimerCommandAttributes: { timerId: 'day', startToFireTimeout: DAY_MS },
      },
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: 'a',
          activityType: { name: 'type' },
          taskQueue: { name: 'test-queue' },
          startToCloseTimeout: 60_000,
          scheduleToCloseTimeout: 120_000,
        },
      },
    ],
  });
  return { fixture, runId };
};

async function describe(fixture: HistoryFixture, skipForceReload = false) {
  const answer = await fixture.rpc(
    'DescribeMutableState',
    [DescribeMutableStateRequest, DescribeMutableStateResponse],
    { execution: { workflowId: 'w' }, skipForceReload },
  );
  assert.ok(answer.databaseMutableState);
  return { ...answer, stored: answer.databaseMutableState };
}

const timerOf = (state: WorkflowMutableState) => state.timerInfos.get('day')?.expiryTime;

test('a description shows the run as memory has it and as the store has it', async () => {
  const { fixture, runId } = await fixtureWithTimer();
  const { shardId, historyAddr, cacheMutableState, stored } = await describe(fixture);
  assert.equal(shardId, '1');
  assert.equal(historyAddr, 'test-host');
  assert.deepEqual(stored, cacheMutableState);
  assert.equal(stored.executionState?.runId, runId);
  assert.equal(timerOf(stored), (stored.executionInfo?.startTime ?? 0) + DAY_MS);
  assert.equal(stored.activityInfos.get(6)?.activityId, 'a');
  await fixture.stop();
});

test('a workflow task that a worker has started is part of the description', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  const { stored } = await describe(fixture);
  assert.equal(stored.executionInfo?.workflowTaskStartedEventId, 3);
  await fixture.complete({ taskToken: task.taskToken });
  await fixture.stop();
});

test('what a run does not have is described as Temporal describes it', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w', workflowExecutionTimeout: 0, workflowRunTimeout: 0 });
  const { executionInfo } = (await describe(fixture)).stored;
  assert.equal(executionInfo?.workflowExecutionTimeout, undefined);
  assert.equal(executionInfo?.workflowRunTimeout, undefined);
  assert.equal(executionInfo?.workflowTaskRequestId, 'emptyUuid');
  assert.deepEqual(executionInfo?.autoResetPoints?.points, []);
  await fixture.stop();
});

test('a closed shard is loaded anew, and a worker can complete what it has started', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  const before = GetShardResponse.decode(await fixture.call('GetShard', Buffer.alloc(0)));
  await fixture.call('CloseShard', Buffer.alloc(0));
  const after = GetShardResponse.decode(await fixture.call('GetShard', Buffer.alloc(0)));
  assert.equal(after.shardInfo?.rangeId, (before.shardInfo?.rangeId ?? 0) + 1);
  await fixture.complete({ taskToken: task.taskToken });
  assert.deepEqual((await fixture.eventNames('w')).slice(-2), ['WorkflowTaskStarted', 'WorkflowTaskCompleted']);
  await fixture.stop();
});

test('a worker can also complete a further attempt that it has started when the shard is closed', async () => {
  // Matching answers when a poll has taken the task: until then the start may stay in memory.
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const fixture = await historyFixture(store, new VirtualClock(), () => taken);
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  await fixture.rpc(
    'RespondWorkflowTaskFailed',
    [RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse],
    {
      taskToken,
    },
  );
  const again = await fixture.pollWorkflowTask();
  assert.equal(again.attempt, 2);
  // The attempt has no events yet: only the state tells that it was started.
  await fixture.call('CloseShard', Buffer.alloc(0));
  await fixture.complete({ taskToken: again.taskToken });
  assert.deepEqual((await fixture.eventNames('w')).slice(-2), ['WorkflowTaskStarted', 'WorkflowTaskCompleted']);
  take();
  await fixture.stop();
});

test('a worker can complete what it has started before the server was stopped', async () => {
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const fixture = await historyFixture(store, new VirtualClock(), () => taken);
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  await fixture.stop();
  take();
  const restarted = await historyFixture(store);
  await restarted.complete({ taskToken });
  assert.deepEqual((await restarted.eventNames('w')).slice(-2), ['WorkflowTaskStarted', 'WorkflowTaskCompleted']);
  await restarted.stop();
});

test('who waits for an event does not notice that the shard is closed', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const runId = await fixture.start({ workflowId: 'w' });
  const waiting = fixture.begin(
    'GetWorkflowExecutionHistory',
    [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse],
    { execution: { workflowId: 'w' }, waitNewEvent: true, historyEventFilterType: HistoryEventFilterType.CLOSE_EVENT },
  );
  await fixture.call('CloseShard', Buffer.alloc(0));
  await fixture.rpc(
    'TerminateWorkflowExecution',
    [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse],
    { workflowExecution: { workflowId: 'w', runId } },
  );
  const { history } = await waiting;
  const closed = History.decode(history ?? Buffer.alloc(0)).events[0];
  assert.equal(closed?.eventType, EventType.WORKFLOW_EXECUTION_TERMINATED);
  await fixture.stop();
});

test('a rebuilt run is what it was', async () => {
  const { fixture } = await fixtureWithTimer();
  const before = (await describe(fixture)).stored;
  await fixture.rpc('RebuildMutableState', [RebuildMutableStateRequest, RebuildMutableStateResponse], {
    execution: { workflowId: 'w' },
  });
  const after = (await describe(fixture)).stored;
  const { timerInfos, childExecutionInfos, nextEventId, executionInfo } = before;
  assert.deepEqual([after.timerInfos, after.childExecutionInfos], [timerInfos, childExecutionInfos]);
  assert.equal(after.nextEventId, nextEventId);
  assert.deepEqual(after.executionState, before.executionState);
  assert.deepEqual(after.executionInfo?.versionHistories, executionInfo?.versionHistories);
  assert.equal(after.executionInfo?.stateTransitionCount, executionInfo?.stateTransitionCount);
  assert.deepEqual(after.activityInfos.get(6)?.scheduledTime, before.activityInfos.get(6)?.scheduledTime);
  await fixture.clock.advance(DAY_MS);
  assert.ok((await fixture.eventNames('w')).includes('TimerFired'));
  await fixture.stop();
});

test('the tasks of a queue come in pages', async () => {
  const { fixture } = await fixtureWithTimer();
  const list = async (nextPageToken?: Uint8Array) =>
    ListHistoryTasksResponse.decode(
      await fixture.call(
        'ListHistoryTasks',
        ListHistoryTasksRequest.encode({
          category: 2,
          taskRange: { exclusiveMaxTaskKey: { fireTime: fixture.clock.nowMs() + 2 * DAY_MS } },
          batchSize: 1,
          nextPageToken,
        }),
      ),
    );
  const types: number[] = [];
  for (let token: Uint8Array | undefined; ; ) {
    const { tasks, nextPageToken } = await list(token);
    assert.ok(tasks.length <= 1);
    types.push(...tasks.map((task) => task.taskType));
    if (nextPageToken.length === 0) break;
    token = nextPageToken;
  }
  assert.ok(types.includes(TaskType.USER_TIMER), String(types));
  assert.ok(types.includes(TaskType.ACTIVITY_TIMEOUT), String(types));
  await assert.rejects(fixture.call('ListHistoryTasks', ListHistoryTasksRequest.encode({ category: 99 })), {
    message: 'unknown task category: 99',
  });
  await fixture.stop();
});

test('tasks that run at once are asked for by id, timers by time', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const refused = (category: number, from: { fireTime?: number; taskId?: number }, to: typeof from, message: string) =>
    assert.rejects(
      fixture.call(
        'ListHistoryTasks',
        ListHistoryTasksRequest.encode({
          category,
          taskRange: { inclusiveMinTaskKey: from, exclusiveMaxTaskKey: to },
        }),
      ),
      { message: `invalid task range, ${message}` },
    );
  await refused(1, {}, {}, 'max taskID must be specified for immediate task category');
  await refused(4, {}, { taskId: 9, fireTime: 1 }, 'fireTime must be empty for immediate task category');
  await refused(2, {}, { taskId: 9 }, 'max fire time must be specified for scheduled task category');
  await refused(2, { taskId: 1 }, { fireTime: 1 }, 'taskID must be empty for scheduled task category');
  await fixture.stop();
});

test('done tasks are deleted as often as the most eager queue is to acknowledge', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  for (const queue of ['transfer', 'visibility', 'timer']) {
    fixture.settings.set(`history.${queue}ProcessorUpdateAckInterval`, queue === 'visibility' ? 10_000 : 60_000);
  }
  await fixture.clock.advance(2_000); // the interval that began with the shard
  const stored = async () =>
    ListHistoryTasksResponse.decode(
      await fixture.call(
        'ListHistoryTasks',
        ListHistoryTasksRequest.encode({
          category: 1,
          taskRange: { exclusiveMaxTaskKey: { taskId: Number.MAX_SAFE_INTEGER } },
        }),
      ),
    ).tasks.length;
  await fixture.start({ workflowId: 'w' });
  await fixture.clock.advance(9_000);
  assert.ok((await stored()) > 0);
  await fixture.clock.advance(2_000);
  assert.equal(await stored(), 0);
  await fixture.stop();
});

test('a refresh queues the duties of a run anew', async () => {
  const { fixture } = await fixtureWithTimer();
  await fixture.pollActivityTask();
  assert.equal(fixture.activityTasks.length, 0);
  await fixture.call('CloseShard', Buffer.alloc(0)); // the activity is durable as started: nothing to hand over
  await fixture.rpc('RefreshWorkflowTasks', [RefreshWorkflowTasksRequest, RefreshWorkflowTasksResponse], {
    execution: { workflowId: 'w' },
  });
  assert.equal(fixture.activityTasks.length, 0);
  await fixture.stop();
});

test('a history host names the shards of its thread', async () => {
  const { fixture } = await fixtureWithTimer();
  const answer = DescribeHistoryHostResponse.decode(await fixture.call('DescribeHistoryHost', Buffer.alloc(0)));
  assert.deepEqual(answer.shardIds, [1]);
  await fixture.stop();
});

test('a run that was exported goes on where it is imported', async () => {
  const { fixture: source, runId } = await fixtureWithTimer();
  const batches: GetWorkflowExecutionRawHistoryV2Response['historyBatches'][] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await source.rpc(
      'GetWorkflowExecutionRawHistoryV2',
      [GetWorkflowExecutionRawHistoryV2Request, GetWorkflowExecutionRawHistoryV2Response],
      { execution: { workflowId: 'w', runId }, endEventId: 100, maximumPageSize: 1, nextPageToken },
    );
    batches.push(page.historyBatches);
    nextPageToken = page.nextPageToken.length === 0 ? undefined : page.nextPageToken;
  } while (nextPageToken !== undefined);
  assert.ok(batches.length > 1);

  const target = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const importCall = (request: { historyBatches?: (typeof batches)[number]; token?: Uint8Array }) =>
    target.rpc('ImportWorkflowExecution', [ImportWorkflowExecutionRequest, ImportWorkflowExecutionResponse], {
      execution: { workflowId: 'w', runId },
      ...request,
    });
  let token: Uint8Array = Buffer.alloc(0);
  for (const historyBatches of batches) token = (await importCall({ historyBatches, token })).token;
  await assert.rejects(importCall({ historyBatches: batches.slice(1)[0] ?? [] }), /imported from beginning/);
  await importCall({ token });
  assert.deepEqual(await target.eventNames('w'), await source.eventNames('w'));
  await target.clock.advance(DAY_MS);
  const events = await target.events('w');
  assert.ok(events.some((event) => event.eventType === EventType.TIMER_FIRED));
  await Promise.all([source.stop(), target.stop()]);
});
