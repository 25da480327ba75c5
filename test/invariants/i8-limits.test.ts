// I8: every queue, cache and buffer has a named limit and a stated answer when it is reached. docs/invariants.md lists the limits
// and the tests that hit them; here are those that no unit test beside the code hits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PollRequest, QueryRequest } from '#proto/ostinato/matching/v1';
import { ShardTask } from '#proto/ostinato/persistence/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollWorkflowTaskQueueRequest,
  QueryWorkflowRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { DescribeMutableStateRequest, DescribeMutableStateResponse } from '#proto/temporal/server/api/adminservice/v1';
import { GrpcCode, ServiceError } from '../../src/base/service-error.ts';
import { SettingValues } from '../../src/config/setting-values.ts';
import { ImmediateQueue } from '../../src/history/queues/immediate-queue.ts';
import { queueLimits, TIMER_QUEUE, TRANSFER_QUEUE } from '../../src/history/queues/queue-limits.ts';
import { TaskType } from '../../src/history/queues/task-type.ts';
import { TimerQueue } from '../../src/history/queues/timer-queue.ts';
import { MAX_PARKED_POLLS, MAX_PARKED_QUERIES } from '../../src/matching/limits.ts';
import { MatchingLab } from '../../src/matching/testing/matching-lab.ts';
import { TestCall } from '../../src/matching/testing/test-call.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { mutation, shardCommit } from '../../src/persistence/contract/sample-mutation.ts';
import { type ExecutionStore, TaskCategory, type TaskInsert } from '../../src/persistence/index.ts';
import { MemoryStoreFactory } from '../../src/persistence/memory/factory.ts';
import { ServiceHost, ServiceNumber } from '../../src/runtime/service-host.ts';
import { TASK_QUEUE_TYPE_WORKFLOW } from '../../src/runtime/task-queue-partition.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { activity, Lab, SIGNAL, timer } from './lab.ts';

const HISTORY = [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse] as const;
const MUTABLE_STATE = [DescribeMutableStateRequest, DescribeMutableStateResponse] as const;

/** What src/history/queues allows: queue-limits.ts, and MAX_LOADED_TIMERS with one page read beyond it. */
const LOADED_TASKS = 10_000;
const LOADED_TIMERS = 4_250;
const RUNNING = 512;

const isExhausted = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.RESOURCE_EXHAUSTED;

interface QueuedTasks {
  readonly store: ExecutionStore;
  readonly tasks: readonly { readonly task: ShardTask; readonly fireTimeMs: number }[];
}

/** Tasks in the store, as a commit has left them. */
async function storedTasks(
  category: TaskCategory,
  count: number,
  timeOf: (index: number) => number,
): Promise<QueuedTasks> {
  const store = new MemoryStoreFactory().openExecutionStore(0);
  const { rangeId } = await store.acquireShard(1, 'owner');
  const tasks = Array.from({ length: count }, (_, index) => {
    const fireTimeMs = timeOf(index);
    const type = category === TaskCategory.TIMER ? TaskType.USER_TIMER : TaskType.WORKFLOW_TASK;
    const data = ShardTask.encode({ type, taskId: index + 1, workflowId: 'w', runId: 'r' });
    return { task: ShardTask.decode(data), fireTimeMs, data };
  });
  const inserts: TaskInsert[] = tasks.map(({ task, fireTimeMs, data }) => ({
    category,
    taskId: task.taskId,
    fireTimeMs,
    data,
  }));
  const key = { shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'r' };
  await store.commit([shardCommit(1, rangeId, [{ ...mutation('create', key, 's'), tasks: inserts }])]);
  return { store, tasks };
}

test('a transfer queue holds so many tasks in memory and runs so many at a time; the rest waits in the store and is not lost', async () => {
  const clock = new VirtualClock();
  const { store, tasks } = await storedTasks(TaskCategory.TRANSFER, LOADED_TASKS + 3_000, () => 0);
  const executed: number[] = [];
  const waiting: (() => void)[] = [];
  let most = 0;
  const queue = new ImmediateQueue(
    {
      shardId: 1,
      store,
      clock,
      logger: silentLogger,
      category: TaskCategory.TRANSFER,
      limits: queueLimits(new SettingValues(), TRANSFER_QUEUE),
      execute: (task) =>
        new Promise((resolve) => {
          executed.push(task.taskId);
          waiting.push(() => resolve(undefined));
          most = Math.max(most, waiting.length);
        }),
    },
    Number.MAX_SAFE_INTEGER,
  );
  for (const { task } of tasks) queue.publish(task);
  await clock.settle();
  assert.equal(queue.outstanding, LOADED_TASKS);
  assert.equal(waiting.length, RUNNING);
  while (waiting.length > 0) {
    for (const done of waiting.splice(0)) done();
    await clock.settle();
    assert.ok(queue.outstanding <= LOADED_TASKS, `${queue.outstanding} tasks in memory`);
  }
  assert.equal(most, RUNNING);
  assert.equal(executed.length, tasks.length);
  assert.equal(new Set(executed).size, tasks.length);
  queue.stop();
});

for (const how of ['read back', 'published'] as const) {
  test(`a timer queue holds so many timers in memory, also if they are ${how}; none is lost, early or late`, async () => {
    const clock = new VirtualClock();
    const startMs = clock.nowMs();
    const count = LOADED_TIMERS + 20_000;
    // All within one window: four minutes.
    const timeOf = (index: number) => startMs + 5_000 + Math.floor((index * 240_000) / count);
    const { store, tasks } = await storedTasks(TaskCategory.TIMER, count, timeOf);
    const fired = new Map<number, number>();
    const queue = new TimerQueue(
      {
        shardId: 1,
        store: how === 'read back' ? store : emptyUntil(store, () => published),
        clock,
        logger: silentLogger,
        limits: queueLimits(new SettingValues(), TIMER_QUEUE),
        execute: (task) => {
          assert.ok(!fired.has(task.taskId), `timer ${task.taskId} fires twice`);
          fired.set(task.taskId, clock.nowMs());
          return undefined;
        },
      },
      { fireTimeMs: startMs, taskId: 0 },
    );
    let published = false;
    queue.start();
    await clock.settle();
    if (how === 'published') {
      published = true;
      // In no order, as decisions come.
      for (let index = 0; index < count; index++) {
        const { task, fireTimeMs } = tasks[(index * 7_919) % count]!;
        queue.publish(task, fireTimeMs);
      }
    }
    await clock.settle();
    assert.ok(queue.outstanding <= LOADED_TIMERS, `${queue.outstanding} timers in memory`);
    await clock.advance(120_000);
    assert.ok(queue.outstanding <= LOADED_TIMERS, `${queue.outstanding} timers in memory`);
    await clock.advance(200_000);
    assert.equal(fired.size, count);
    for (const { task, fireTimeMs } of tasks) {
      const lateMs = (fired.get(task.taskId) ?? Number.NaN) - fireTimeMs;
      assert.ok(lateMs >= 0 && lateMs < 100, `timer ${task.taskId} fired ${lateMs} ms late`);
    }
    queue.stop();
  });
}

test('timers that are all due at once come to memory as the ones before them are done', async () => {
  const clock = new VirtualClock();
  const startMs = clock.nowMs();
  const count = 5 * LOADED_TIMERS;
  const { store } = await storedTasks(TaskCategory.TIMER, count, () => startMs + 1_000);
  const fired = new Set<number>();
  const running: (() => void)[] = [];
  let most = 0;
  const queue = new TimerQueue(
    {
      shardId: 1,
      store,
      clock,
      logger: silentLogger,
      limits: queueLimits(new SettingValues(), TIMER_QUEUE),
      execute: (task) => {
        assert.ok(!fired.has(task.taskId), `timer ${task.taskId} fires twice`);
        fired.add(task.taskId);
        most = Math.max(most, queue.outstanding);
        return new Promise((resolve) => running.push(() => resolve(undefined)));
      },
    },
    { fireTimeMs: startMs, taskId: 0 },
  );
  queue.start();
  await clock.advance(1_000);
  assert.equal(running.length, RUNNING);
  while (running.length > 0) {
    for (const finish of running.splice(0)) finish();
    await clock.advance(1);
  }
  assert.equal(fired.size, count);
  assert.ok(most <= LOADED_TIMERS + RUNNING, `${most} timers in memory`);
  queue.stop();
});

/** The store before anything was written to it. */
function emptyUntil(store: ExecutionStore, isWritten: () => boolean): ExecutionStore {
  return new Proxy(store, {
    get: (target, property) => {
      const member = Reflect.get(target, property, target) as unknown;
      if (typeof member !== 'function') return member;
      if (property === 'readTasks' && !isWritten()) return () => [];
      return member.bind(target);
    },
  });
}

test('a workflow task with too many events behind it is failed, and the events are kept', async () => {
  const lab = await Lab.open();
  lab.fixture.settings.set('history.maximumBufferedEventsBatch', 10);
  await lab.fixture.start({ workflowId: 'w' });
  await lab.fixture.pollWorkflowTask();
  for (let index = 0; index < 11; index++) await lab.signal('w', `s${index}`);
  const names = await lab.fixture.eventNames('w');
  assert.ok(names.includes('WorkflowTaskFailed'));
  assert.equal((await lab.signals('w')).length, 11);
});

test('a run takes so many signals and no more', async () => {
  const lab = await Lab.open();
  lab.fixture.settings.set('history.maximumSignalsPerExecution', 3);
  await lab.fixture.start({ workflowId: 'w' });
  for (let index = 0; index < 3; index++) await lab.signal('w', `s${index}`);
  const oneMore = lab.fixture.rpc('SignalWorkflowExecution', SIGNAL, {
    namespace: 'test',
    workflowExecution: { workflowId: 'w' },
    signalName: 'one more',
  });
  await assert.rejects(oneMore, /exceeded workflow execution limit for signal events/);
  assert.equal((await lab.signals('w')).length, 3);
});

test('a run has so many pending activities: the command that asks for more fails its workflow task', async () => {
  const lab = await Lab.open();
  lab.fixture.settings.set('limit.numPendingActivities.error', 2);
  await lab.fixture.start({ workflowId: 'w' });
  const task = await lab.fixture.pollWorkflowTask();
  const commands = ['a', 'b', 'c'].map((activityId) => activity(activityId));
  await assert.rejects(lab.answer(task, timer('t', 1_000), ...commands), /PendingActivitiesLimitExceeded/);
  const names = await lab.fixture.eventNames('w');
  assert.ok(names.includes('WorkflowTaskFailed'));
  assert.ok(!names.includes('ActivityTaskScheduled') && !names.includes('TimerStarted'), 'part of the answer stands');
});

test('so many runs stay in memory; those that went are loaded again', async () => {
  let loads = 0;
  const watch = (store: ExecutionStore): ExecutionStore =>
    new Proxy(store, {
      get: (target, property) => {
        if (property === 'loadExecution') loads++;
        const member = Reflect.get(target, property, target) as unknown;
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  const lab = await Lab.open({ watch });
  const runs = 5_600; // history.cacheMaxSize: 5,000
  for (let index = 0; index < runs; index++) await lab.fixture.start({ workflowId: `w${index}` });
  loads = 0;
  await lab.signal('w0', 's');
  assert.equal(loads, 1, 'the oldest run is still in memory');
  loads = 0;
  await lab.signal(`w${runs - 1}`, 's');
  assert.equal(loads, 0, 'the newest run had to be loaded');
});

test('runs that have to stay in memory keep no others there', async () => {
  const lab = await Lab.open();
  lab.fixture.settings.set('history.cacheMaxSize', 100);
  const waiting = Array.from({ length: 150 }, (_, index) => `waiting${index}`);
  const passing = Array.from({ length: 600 }, (_, index) => `passing${index}`);
  for (const workflowId of waiting) {
    await lab.fixture.start({ workflowId });
    const request = { namespace: 'test', execution: { workflowId }, waitNewEvent: true, historyEventFilterType: 2 };
    lab.fixture.begin('GetWorkflowExecutionHistory', HISTORY, request as object).catch(() => {});
  }
  for (const workflowId of passing) await lab.fixture.start({ workflowId });
  const countInMemory = async (workflowIds: readonly string[]): Promise<number> => {
    let count = 0;
    for (const workflowId of workflowIds) {
      const state = await lab.fixture.rpc('DescribeMutableState', MUTABLE_STATE, { execution: { workflowId } });
      if (state.cacheMutableState !== undefined) count++;
    }
    return count;
  };
  assert.equal(await countInMemory(waiting), waiting.length);
  const count = await countInMemory(passing);
  assert.ok(count < 100, `${count} of ${passing.length} runs for which nobody waits are in memory`);
});

test('so many polls and queries are parked on a partition; one more is refused with RESOURCE_EXHAUSTED', async () => {
  const lab = new MatchingLab();
  const partition = lab.partition(TASK_QUEUE_TYPE_WORKFLOW);
  const poll = PollRequest.encode({ partition, request: PollWorkflowTaskQueueRequest.encode({}), pollerId: 'p' });
  const deadlineMs = lab.clock.nowMs() + 60_000;
  for (let index = 0; index < MAX_PARKED_POLLS; index++) {
    void lab.service.handlers.PollWorkflowTaskQueue(poll, new TestCall(deadlineMs), 0);
  }
  await lab.clock.settle();
  await assert.rejects(lab.call('PollWorkflowTaskQueue', poll, new TestCall(deadlineMs)), isExhausted);

  const other = new MatchingLab();
  const query = QueryRequest.encode({
    partition: other.partition(TASK_QUEUE_TYPE_WORKFLOW),
    execution: { workflowId: 'w', runId: 'r' },
    shardId: 1,
    request: QueryWorkflowRequest.encode({ query: { queryType: 'state' } }),
  });
  for (let index = 0; index < MAX_PARKED_QUERIES; index++) {
    const answer = other.service.handlers.QueryWorkflow(query, new TestCall(deadlineMs), 0);
    if (answer instanceof Promise) answer.catch(() => {});
  }
  await other.clock.settle();
  await assert.rejects(other.call('QueryWorkflow', query, new TestCall(deadlineMs)), isExhausted);
});

test('so many requests wait for a service that starts; one more is told that it is not there', () => {
  const host = new ServiceHost();
  for (let index = 0; index < 10_000; index++) host.hold(ServiceNumber.HISTORY, () => {});
  assert.throws(
    () => host.hold(ServiceNumber.HISTORY, () => {}),
    (error) => error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE,
  );
});
