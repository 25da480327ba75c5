import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { CommandType } from '#proto/temporal/api/enums/v1';
import {
  DeleteWorkflowExecutionRequest,
  DeleteWorkflowExecutionResponse,
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import type { ExecutionStore } from '../../persistence/index.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture, NAMESPACE_ID } from '../testing/history-fixture.ts';

const DELETE = [DeleteWorkflowExecutionRequest, DeleteWorkflowExecutionResponse] as const;
const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const HISTORY = [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse] as const;
const DAY_MS = 86_400_000;

const openStore = () => new MemoryStoreFactory().openExecutionStore(0);
const notFound = (error: unknown) => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;

const describe = (fixture: HistoryFixture, runId = '') =>
  fixture.rpc('DescribeWorkflowExecution', DESCRIBE, { execution: { workflowId: 'w', runId } });
const remove = (fixture: HistoryFixture, runId = '') =>
  fixture.rpc('DeleteWorkflowExecution', DELETE, { workflowExecution: { workflowId: 'w', runId } });

async function completeWorkflow(fixture: HistoryFixture) {
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
  await fixture.clock.advance(0);
}

async function assertNothingStored(store: ExecutionStore, runId: string) {
  assert.equal(await store.loadExecution({ shardId: 1, namespaceId: NAMESPACE_ID, workflowId: 'w', runId }), undefined);
  assert.deepEqual(await store.listBranches(1, runId), []);
}

const visibilityDeletions = (fixture: HistoryFixture) =>
  fixture.visibility
    .flatMap((request) => RecordVisibilityRequest.decode(request).records)
    .filter((record) => record.deleted)
    .map((record) => record.runId);

test('a closed run is deleted with its history, its current-run row and its visibility record', async () => {
  const store = await openStore();
  const fixture = await historyFixture(store);
  const runId = await fixture.start({ workflowId: 'w' });
  await completeWorkflow(fixture);
  await remove(fixture, runId);
  await fixture.clock.advance(1_000);
  await assert.rejects(describe(fixture), notFound);
  await assert.rejects(describe(fixture, runId), notFound);
  await assertNothingStored(store, runId);
  assert.equal(await store.loadCurrent(1, NAMESPACE_ID, 'w'), undefined);
  assert.deepEqual(visibilityDeletions(fixture), [runId]);
  const next = await fixture.start({ workflowId: 'w' });
  assert.notEqual(next, runId);
  assert.equal((await describe(fixture)).workflowExecutionInfo?.execution?.runId, next);
  await fixture.stop();
});

test('an open run is terminated, then deleted; whoever waits for it hears that it is gone', async () => {
  const store = await openStore();
  const fixture = await historyFixture(store);
  const runId = await fixture.start({ workflowId: 'w' });
  const first = fixture.begin('GetWorkflowExecutionHistory', HISTORY, {
    execution: { workflowId: 'w' },
    waitNewEvent: true,
  });
  await fixture.clock.advance(0);
  const nextPageToken = (await first).nextPageToken;
  await remove(fixture);
  const late = fixture.begin('GetWorkflowExecutionHistory', HISTORY, {
    execution: { workflowId: 'w', runId },
    waitNewEvent: true,
    nextPageToken,
  });
  late.catch(() => {});
  await fixture.clock.advance(1_000);
  await assert.rejects(describe(fixture), notFound);
  await assertNothingStored(store, runId);
  const again = fixture.begin('GetWorkflowExecutionHistory', HISTORY, {
    execution: { workflowId: 'w', runId },
    waitNewEvent: true,
    nextPageToken,
  });
  await assert.rejects(again, notFound);
  await fixture.stop();
});

test('deleting an older run leaves the current one alone', async () => {
  const store = await openStore();
  const fixture = await historyFixture(store);
  const older = await fixture.start({ workflowId: 'w' });
  await completeWorkflow(fixture);
  await fixture.clock.advance(2_000);
  const current = await fixture.start({ workflowId: 'w' });
  await remove(fixture, older);
  await fixture.clock.advance(1_000);
  await assert.rejects(describe(fixture, older), notFound);
  assert.equal((await describe(fixture)).workflowExecutionInfo?.execution?.runId, current);
  assert.equal((await store.loadCurrent(1, NAMESPACE_ID, 'w'))?.runId, current);
  await fixture.stop();
});

test('a closed run disappears when the retention of its namespace ends, not before', async () => {
  const store = await openStore();
  const fixture = await historyFixture(store);
  fixture.settings.set('history.retentionTimerJitterDuration', 0);
  const runId = await fixture.start({ workflowId: 'w' });
  await completeWorkflow(fixture);
  await fixture.clock.advance(2 * DAY_MS - 1_000);
  assert.equal((await describe(fixture)).workflowExecutionInfo?.execution?.runId, runId);
  await fixture.clock.advance(2_000);
  await assert.rejects(describe(fixture), notFound);
  await assertNothingStored(store, runId);
  await fixture.stop();
});

test('a deletion that was asked for happens after a crash', async () => {
  let armed = false;
  const factory = new MemoryStoreFactory({
    fault: (operation) => (armed && operation === 'commit' ? 'crash-after' : undefined),
  });
  const fixture = await historyFixture(factory.openExecutionStore(0));
  const runId = await fixture.start({ workflowId: 'w' });
  await completeWorkflow(fixture);
  armed = true;
  await assert.rejects(remove(fixture));
  const store = factory.reopen().openExecutionStore(0);
  assert.notEqual(
    await store.loadExecution({ shardId: 1, namespaceId: NAMESPACE_ID, workflowId: 'w', runId }),
    undefined,
  );
  const restarted = await historyFixture(store);
  await restarted.clock.advance(1_000);
  await assert.rejects(describe(restarted), notFound);
  await assertNothingStored(store, runId);
  assert.deepEqual(visibilityDeletions(restarted), [runId]);
});

test('a deletion that cannot be written leaves the run as it was, until it can', async () => {
  let commits = Number.POSITIVE_INFINITY;
  const factory = new MemoryStoreFactory({
    answer: 'promise',
    fault: (operation) => (operation === 'commit' && commits-- <= 0 ? 'fail-before' : undefined),
  });
  const store = factory.openExecutionStore(0);
  const fixture = await historyFixture(store);
  const runId = await fixture.start({ workflowId: 'w' });
  await completeWorkflow(fixture);
  commits = 1; // the duty is written, the deletion itself fails and takes the shard's memory with it
  await remove(fixture);
  await fixture.clock.advance(1_000);
  assert.ok(commits < 0, 'it was tried');
  assert.deepEqual(visibilityDeletions(fixture), []);
  assert.ok(await store.loadExecution({ shardId: 1, namespaceId: NAMESPACE_ID, workflowId: 'w', runId }));
  assert.equal((await store.loadCurrent(1, NAMESPACE_ID, 'w'))?.runId, runId);
  commits = Number.POSITIVE_INFINITY;
  await fixture.clock.advance(10_000);
  await assert.rejects(describe(fixture), notFound);
  await assertNothingStored(store, runId);
  assert.deepEqual(visibilityDeletions(fixture), [runId]);
  await fixture.stop();
});
