// I2 and I5 where tasks travel while their commit is written (docs/decisions/0017): under a seal, which is opened when the commit is
// durable and broken when it is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueResponse,
  StartWorkflowExecutionRequest,
  StartWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { silentLogger } from '../../src/metrics/logger.ts';
import { SingleThreadRouter } from '../../src/runtime/single-thread-router.ts';
import { activity, completeRun, isUnavailable, Lab, SIGNAL, watched } from './lab.ts';

const START = [StartWorkflowExecutionRequest, StartWorkflowExecutionResponse] as const;
const HISTORY = [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse] as const;

/** More than memory keeps of one history. */
const LARGE_BYTES = 300 * 1024;

const startOf = (workflowId: string) => ({
  namespace: 'test',
  workflowId,
  workflowType: { name: 'test-workflow' },
  taskQueue: { name: 'test-queue' },
  requestId: `start-${workflowId}`,
});

const signalOf = (workflowId: string) => ({
  namespace: 'test',
  workflowExecution: { workflowId },
  signalName: 's',
  requestId: 's',
});

const taskOf = ({ response }: { response: Uint8Array }) => PollWorkflowTaskQueueResponse.decode(response);
const countOf = (names: readonly string[], name: string) => names.filter((each) => each === name).length;

for (const stage of ['before', 'after'] as const) {
  test(`tasks leave sealed while they are written, and workers get them after that (held ${stage} the effect)`, async () => {
    const lab = await Lab.open({ answer: 'promise' });
    const { fixture } = lab;
    lab.offerPoll('workflow');
    let release = lab.holdCommits(stage);
    const start = watched(fixture.start({ workflowId: 'w' }));
    await lab.settle();
    assert.equal(fixture.sealed.size, 1);
    await lab.clock.advance(5_000);
    assert.equal(start.isAnswered(), false);
    assert.equal(fixture.handedOver.length, 0, 'a worker got a workflow task that is not durable');
    assert.equal(fixture.workflowTasks.length, 0);
    await release();
    await start.promise;
    const task = taskOf(fixture.handedOver.shift()!);
    lab.offerPoll('activity');
    release = lab.holdCommits(stage);
    const completed = watched(lab.answer(task, activity('a')));
    await lab.settle();
    assert.equal(fixture.sealed.size, 1);
    await lab.clock.advance(3_000);
    assert.equal(fixture.handedOver.length, 0, 'a worker got an activity that is not durable');
    await release();
    await completed.promise;
    await lab.completeActivity(PollActivityTaskQueueResponse.decode(fixture.handedOver.shift()!.response));
    assert.equal(fixture.sealed.size, 0);
    const names = await fixture.eventNames('w');
    assert.equal(countOf(names, 'WorkflowTaskStarted'), 1);
    assert.equal(countOf(names, 'ActivityTaskCompleted'), 1);
  });

  for (const answer of ['sync', 'promise'] as const) {
    test(`a commit that fails breaks the seal, and the task comes again (${stage} its effect, ${answer})`, async () => {
      const lab = await Lab.open({ answer });
      const { fixture } = lab;
      await fixture.start({ workflowId: 'other' });
      await lab.answer(await fixture.pollWorkflowTask(), completeRun());
      lab.offerPoll('workflow');
      lab.failNextCommit(`fail-${stage}`);
      const release = answer === 'sync' ? async () => {} : lab.holdCommits('before');
      const start = watched(fixture.rpc('StartWorkflowExecution', START, startOf('w')));
      await lab.settle();
      await release();
      await assert.rejects(start.promise, isUnavailable);
      assert.equal(fixture.brokenSeals.length, 1);
      assert.equal(fixture.handedOver.length, 0, 'a worker got a task although its commit failed');
      await lab.clock.advance(1_000);
      await fixture.rpc('StartWorkflowExecution', START, startOf('w'));
      await lab.answer(await fixture.pollWorkflowTask(), activity('a'));
      const names = await fixture.eventNames('w');
      assert.equal(countOf(names, 'WorkflowTaskStarted'), 1);
      assert.equal(countOf(names, 'WorkflowTaskCompleted'), 1);
    });
  }
}

test('on a store that keeps the thread, tasks have left when the commit begins', async () => {
  const seen: [sealed: number, flushed: number][] = [];
  const lab: Lab = await Lab.open({
    answer: 'sync',
    watch: (store) =>
      new Proxy(store, {
        get: (target, property) => {
          if (property === 'commit') seen.push([lab?.fixture?.sealed.size, lab?.fixture?.flushed.size]);
          const member = Reflect.get(target, property, target) as unknown;
          return typeof member === 'function' ? member.bind(target) : member;
        },
      }),
  });
  await lab.fixture.start({ workflowId: 'first' });
  lab.offerPoll('workflow');
  seen.length = 0;
  await lab.fixture.start({ workflowId: 'w' });
  assert.deepEqual(seen[0], [1, 1]);
  assert.equal(lab.fixture.handedOver.length, 1);
});

test('a sealed task does not show what was decided after its commit was taken', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  lab.offerPoll('workflow');
  const release = lab.holdCommits('before');
  const started = watched(fixture.begin('StartWorkflowExecution', START, startOf('w')));
  await new Promise((resolve) => setImmediate(resolve));
  // Behind the commit's beginning, before what follows from it.
  let signaled: Promise<unknown> | undefined;
  lab.clock.defer(() => {
    signaled = fixture.begin('SignalWorkflowExecution', SIGNAL, signalOf('w'));
  });
  await lab.settle();
  assert.equal(fixture.sealed.size, 0, 'the task would show a signal that is part of the next commit');
  await release();
  await lab.settle();
  await Promise.all([started.promise, signaled]);
  const task = taskOf(fixture.handedOver[0]!);
  const { events } = History.decode(task.history!);
  assert.ok(events.some(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 's'));
});

test('a start that somebody is shown as it happens does not stay in memory, so its task waits', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  await fixture.start({ workflowId: 'w' });
  await lab.answer(await fixture.pollWorkflowTask());
  const observed = fixture.begin('GetWorkflowExecutionHistory', HISTORY, {
    namespace: 'test',
    execution: { workflowId: 'w' },
    waitNewEvent: true,
  });
  await lab.settle();
  const { nextPageToken } = await observed;
  const more = fixture.begin('GetWorkflowExecutionHistory', HISTORY, {
    namespace: 'test',
    execution: { workflowId: 'w' },
    waitNewEvent: true,
    nextPageToken,
  });
  await lab.settle();
  lab.offerPoll('workflow');
  const release = lab.holdCommits('before');
  const signaled = watched(lab.signal('w', 's'));
  await lab.settle();
  assert.equal(fixture.sealed.size, 0);
  await release();
  await Promise.all([signaled.promise, more]);
  await lab.settle();
  assert.equal(fixture.handedOver.length, 1);
});

test('a task that is past its sticky queue when it is written waits for that, and goes to the normal queue', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  const stickyAttributes = { workerTaskQueue: { name: 'sticky' }, scheduleToStartTimeout: 2_000 };
  await fixture.complete({ taskToken, commands: [], stickyAttributes });
  await fixture.start({ workflowId: 'other' });
  await fixture.pollWorkflowTask();
  const releaseFirst = lab.holdCommits('before');
  const other = watched(fixture.begin('SignalWorkflowExecution', SIGNAL, signalOf('other')));
  await lab.settle();
  const signaled = watched(fixture.begin('SignalWorkflowExecution', SIGNAL, signalOf('w')));
  await lab.clock.advance(3_000);
  lab.offerPoll('workflow');
  const releaseSecond = lab.holdCommits('before');
  await releaseFirst();
  await other.promise;
  await lab.settle();
  assert.equal(signaled.isAnswered(), false);
  assert.equal(fixture.sealed.size, 0);
  await releaseSecond();
  await signaled.promise;
  await lab.settle();
  const task = taskOf(fixture.handedOver[0]!);
  assert.equal(History.decode(task.history!).events[0]!.eventId, 1);
});

for (const answer of ['sync', 'promise'] as const) {
  test(`a start that fails ahead of its commit stops neither that nor the task (${answer})`, async () => {
    const lab = await Lab.open({ answer });
    const { fixture } = lab;
    await fixture.start({ workflowId: 'first' });
    fixture.workflowTasks.length = 0;
    const unreadable = { valueOf: () => assert.fail('a setting that cannot be read') };
    fixture.settings.set('limit.historySize.suggestContinueAsNew', unreadable as unknown as number);
    lab.offerPoll('workflow');
    await fixture.start({ workflowId: 'w' });
    assert.equal(fixture.returnedPolls.length, 1);
    fixture.settings.delete('limit.historySize.suggestContinueAsNew');
    await lab.answer(await fixture.pollWorkflowTask(), completeRun());
    assert.equal((await fixture.eventNames('w')).at(-1), 'WorkflowExecutionCompleted');
  });
}

test('a commit of many runs is not gone ahead of', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  for (let i = 0; i < 3; i++) lab.offerPoll('workflow');
  const release = lab.holdCommits('before');
  const starts = ['a', 'b', 'c'].map((id) => fixture.begin('StartWorkflowExecution', START, startOf(id)));
  await lab.settle();
  assert.equal(fixture.sealed.size, 0);
  await release();
  await Promise.all(starts);
  assert.equal(fixture.handedOver.length, 3);
});

test('a task that cannot be sent ahead goes to matching after its commit, with its start', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  lab.offerPoll('workflow');
  fixture.link.isUp = false;
  const release = lab.holdCommits('before');
  const start = watched(fixture.start({ workflowId: 'w' }));
  await lab.settle();
  assert.equal(fixture.workflowTasks.length, 0);
  await release();
  await start.promise;
  await lab.settle();
  assert.equal(fixture.workflowTasks.length, 1);
  assert.notEqual(fixture.workflowTasks[0]!.startRequestId, '');
});

test('who asked gets a sealed answer when the seal is opened, and nothing when it is broken', async () => {
  const lab = await Lab.open();
  const router = new SingleThreadRouter(lab.clock, silentLogger);
  router.registerMatching(
    new Proxy({} as Parameters<SingleThreadRouter['registerMatching']>[0], {
      get: () => async (request: Uint8Array, call: { seal?: object }) => {
        call.seal = { sealer: 0, id: request[0] };
        return request;
      },
    }),
  );
  const calls = [1, 2].map((id) => watched(router.callMatching('', 'PollWorkflowTaskQueue', Uint8Array.of(id))));
  await lab.settle();
  assert.deepEqual(
    calls.map((call) => call.isAnswered()),
    [false, false],
    'the answer left before its seal was opened',
  );
  router.settleSeal(1, true);
  router.settleSeal(2, false);
  assert.deepEqual(await Promise.all(calls.map(async ({ promise }) => [...(await promise)])), [[1], []]);
});

test('a task leaves sealed with all its events, also those of which memory keeps few', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const { fixture } = lab;
  lab.offerPoll('workflow');
  const release = lab.holdCommits('before');
  const start = fixture.start({ workflowId: 'w', input: Buffer.alloc(LARGE_BYTES) });
  await lab.settle();
  const [sealed] = fixture.sealed.values();
  assert.notEqual(sealed, undefined, 'the task did not start ahead');
  const { events } = History.decode(taskOf(sealed!).history ?? Buffer.alloc(0));
  assert.deepEqual(
    events.map(({ eventId }) => eventId),
    [1, 2, 3],
  );
  await release();
  await start;
});
