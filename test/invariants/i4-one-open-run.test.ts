// I4: at most one open run per namespace and workflow id.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowState } from '#proto/ostinato/persistence/v1';
import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import {
  ResetWorkflowExecutionRequest,
  ResetWorkflowExecutionResponse,
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
  StartWorkflowExecutionRequest,
  StartWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { RunState } from '../../src/history/workflow/workflow.ts';
import { mutation, shardCommit } from '../../src/persistence/contract/sample-mutation.ts';
import { ConditionFailedError, type ExecutionStore } from '../../src/persistence/index.ts';
import { MemoryStoreFactory } from '../../src/persistence/memory/factory.ts';
import { completeRun, isAlreadyExists, Lab } from './lab.ts';

const START = [StartWorkflowExecutionRequest, StartWorkflowExecutionResponse] as const;
const RESET = [ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse] as const;
const SIGNAL_WITH_START = [SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse] as const;
const CONCURRENT = 20;

async function openRuns(store: ExecutionStore): Promise<string[]> {
  const { executions } = await store.listExecutions(1, '', 1_000);
  return executions
    .map(({ state }) => WorkflowState.decode(state))
    .filter(({ state }) => state === RunState.CREATED || state === RunState.RUNNING)
    .map(({ runId }) => runId);
}

const modes = [
  { answer: 'sync', knowsIds: false, name: 'sync store' },
  { answer: 'promise', knowsIds: false, name: 'promise store' },
  { answer: 'promise', knowsIds: true, name: 'promise store, its workflow ids known' },
] as const;

for (const { answer, knowsIds, name } of modes) {
  async function openLab(): Promise<{ lab: Lab; store: () => ExecutionStore }> {
    let seen: ExecutionStore | undefined;
    const lab = await Lab.open({ answer, watch: (store) => (seen = store) });
    if (knowsIds) await lab.clock.advance(1_000);
    return { lab, store: () => seen as ExecutionStore };
  }
  const request = (index: number, conflictPolicy = 0) => ({
    namespace: 'test',
    workflowId: 'w',
    workflowType: { name: 'test-workflow' },
    taskQueue: { name: 'test-queue' },
    requestId: `start-${index}`,
    workflowIdConflictPolicy: conflictPolicy as 1,
  });

  test(`of many concurrent starts one wins (${name})`, async () => {
    const { lab, store } = await openLab();
    const starts = Array.from({ length: CONCURRENT }, (_, index) =>
      lab.fixture.begin('StartWorkflowExecution', START, request(index)),
    );
    const results = await settledAll(lab, starts);
    const won = results.filter((result) => result.status === 'fulfilled');
    assert.equal(won.length, 1, `${won.length} starts were acknowledged`);
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(isAlreadyExists(result.reason), String(result.reason));
    }
    assert.deepEqual(await openRuns(store()), [won[0]?.value.runId]);
  });

  test(`of many starts that replace the open run the last one's is open (${name})`, async () => {
    const { lab, store } = await openLab();
    await settledAll(lab, [lab.fixture.begin('StartWorkflowExecution', START, request(-1))]);
    const starts = Array.from({ length: CONCURRENT }, (_, index) =>
      lab.fixture.begin('StartWorkflowExecution', START, request(index, WorkflowIdConflictPolicy.TERMINATE_EXISTING)),
    );
    const results = await settledAll(lab, starts);
    assert.ok(results.every(({ status }) => status === 'fulfilled'));
    assert.equal((await openRuns(store())).length, 1);
  });

  test(`many signals with start make one run that has them all (${name})`, async () => {
    const { lab, store } = await openLab();
    const calls = Array.from({ length: CONCURRENT }, (_, index) =>
      lab.fixture.begin('SignalWithStartWorkflowExecution', SIGNAL_WITH_START, {
        ...request(index),
        signalName: `s${index}`,
      }),
    );
    const results = await settledAll(lab, calls);
    const runIds = new Set(
      results.map((result) => (result.status === 'fulfilled' ? result.value.runId : result.reason)),
    );
    assert.deepEqual([...runIds], await openRuns(store()));
    assert.equal(runIds.size, 1);
    assert.equal(new Set(await lab.signals('w')).size, CONCURRENT);
  });
}

test('a reset ends the run that it replaces even if memory has no room for another one', async () => {
  let store: ExecutionStore | undefined;
  const lab = await Lab.open({ watch: (seen) => (store = seen) });
  lab.fixture.settings.set('history.cacheMaxSize', 2);
  const closed = await lab.fixture.start({ workflowId: 'w' });
  await lab.answer(await lab.fixture.pollWorkflowTask(), completeRun());
  await lab.fixture.start({ workflowId: 'w', requestId: 'again' });
  const { runId } = await lab.fixture.rpc('ResetWorkflowExecution', RESET, {
    namespace: 'test',
    workflowExecution: { workflowId: 'w', runId: closed },
    workflowTaskFinishEventId: 4,
  });
  assert.deepEqual(await openRuns(store!), [runId]);
});

test('the store refuses a second open run even from a shard that lost its mind', async () => {
  const store = new MemoryStoreFactory().openExecutionStore(0);
  const { rangeId } = await store.acquireShard(1, 'owner');
  const key = (runId: string) => ({ shardId: 1, namespaceId: 'n', workflowId: 'w', runId });
  const begin = (runId: string) => ({
    ...mutation('create', key(runId), 'state'),
    current: { expectedRunId: '', row: { runId, data: Buffer.from(runId) } },
  });
  await store.commit([shardCommit(1, rangeId, [begin('first')])]);
  assert.throws(() => store.commit([shardCommit(1, rangeId, [begin('second')])]), ConditionFailedError);
  assert.equal(await store.loadExecution(key('second')), undefined, 'the refused write left something behind');
});

async function settledAll<T>(lab: Lab, calls: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> {
  const settled = Promise.allSettled(calls);
  await lab.settle();
  return settled;
}
