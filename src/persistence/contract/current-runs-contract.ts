// The contract of current-run rows as tests, run by every backend: a workflow has one current run, and who replaces it names it (I4).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExecutionStore, WorkflowKey } from '../execution-store.ts';
import { ConditionFailedError } from '../store-errors.ts';
import { bytes, type ContractBackend, failureOf } from './contract-backend.ts';
import { mutation, shardCommit } from './sample-mutation.ts';
import { openStoreFor, run } from './store-under-test.ts';

export function describeCurrentRuns(backend: ContractBackend): void {
  describe(`current runs (I4) on ${backend.name}`, () => {
    let store: ExecutionStore;
    const { newShard, stateOf, currentOf } = openStoreFor(backend, (opened) => {
      store = opened;
    });
    const start = (shardId: number, runId: string, expectedRunId: string) =>
      mutation('create', run(shardId, runId), 's', {
        current: { expectedRunId, row: { runId, data: bytes(runId) } },
      });

    test('a second start that expects no current run fails', async () => {
      const { shardId, rangeId } = await newShard();
      await store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-1', '')])]);
      const error = await failureOf(() => store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-2', '')])]));
      assert.ok(error instanceof ConditionFailedError, String(error));
      assert.equal(await currentOf(run(shardId)), 'run-1');
      assert.equal(await stateOf(run(shardId, 'run-2')), undefined);
    });

    test('two starts of one workflow in a batch fail', async () => {
      const { shardId, rangeId } = await newShard();
      const error = await failureOf(() =>
        store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-1', ''), start(shardId, 'run-2', '')])]),
      );
      assert.ok(error instanceof ConditionFailedError, String(error));
      assert.equal(await currentOf(run(shardId)), undefined);
    });

    test('a change that expects another current run fails', async () => {
      const { shardId, rangeId } = await newShard();
      await store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-1', '')])]);
      for (const current of [
        { expectedRunId: 'run-9', row: { runId: 'run-2', data: bytes('') } },
        { expectedRunId: 'run-9', row: null },
        { expectedRunId: '', row: null },
      ]) {
        const error = await failureOf(() =>
          store.commit([shardCommit(shardId, rangeId, [mutation('update', run(shardId), 'x', { current })])]),
        );
        assert.ok(error instanceof ConditionFailedError, String(error));
      }
      assert.equal(await currentOf(run(shardId)), 'run-1');
      assert.equal(await stateOf(run(shardId)), 's');
    });

    test('a change that expects a current run where there is none fails', async () => {
      const { shardId, rangeId } = await newShard();
      const error = await failureOf(() =>
        store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-2', 'run-1')])]),
      );
      assert.ok(error instanceof ConditionFailedError, String(error));
    });

    test('the current run is replaced, and deleted', async () => {
      const { shardId, rangeId } = await newShard();
      await store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-1', '')])]);
      await store.commit([shardCommit(shardId, rangeId, [start(shardId, 'run-2', 'run-1')])]);
      assert.equal(await currentOf(run(shardId)), 'run-2');
      await store.commit([
        shardCommit(shardId, rangeId, [
          mutation('delete', run(shardId, 'run-2'), '', { current: { expectedRunId: 'run-2', row: null } }),
          mutation('delete', run(shardId, 'run-3'), '', {}),
        ]),
      ]);
      assert.equal(await currentOf(run(shardId)), undefined);
      await store.commit([
        shardCommit(shardId, rangeId, [
          mutation('update', run(shardId), '', { current: { expectedRunId: '', row: null } }),
        ]),
      ]);
    });

    test('one batch creates, replaces and deletes current runs of different workflows', async () => {
      const { shardId, rangeId } = await newShard();
      const of = (workflowId: string, expectedRunId: string, runId: string | null) =>
        mutation(runId === null ? 'delete' : 'create', run(shardId, runId ?? 'run-1', workflowId), 's', {
          current: { expectedRunId, row: runId === null ? null : { runId, data: bytes('d') } },
        });
      await store.commit([shardCommit(shardId, rangeId, [of('replaced', '', 'run-1'), of('deleted', '', 'run-1')])]);
      await store.commit([
        shardCommit(shardId, rangeId, [
          of('new', '', 'run-1'),
          of('replaced', 'run-1', 'run-2'),
          of('deleted', 'run-1', null),
          of('never there', '', null),
        ]),
      ]);
      const current = async (workflowId: string) => currentOf(run(shardId, '', workflowId));
      assert.equal(await current('new'), 'run-1');
      assert.equal(await current('replaced'), 'run-2');
      assert.equal(await current('deleted'), undefined);
      assert.equal(await current('never there'), undefined);
    });

    test('the keys of a shard come page by page, each once, without those whose row is gone', async (t) => {
      if (store.listCurrentKeys === undefined) {
        t.skip('this store looks up a row at once');
        return;
      }
      const [{ shardId, rangeId }, other] = [await newShard(), await newShard()];
      const start = (id: number, workflowId: string) =>
        mutation('create', run(id, `run-of-${workflowId}`, workflowId), 's', {
          current: { expectedRunId: '', row: { runId: `run-of-${workflowId}`, data: bytes('c') } },
        });
      const ids = ['a', 'b"\\', 'c\u0000d', 'ü', 'z'];
      await store.commit([
        shardCommit(
          shardId,
          rangeId,
          ids.map((id) => start(shardId, id)),
        ),
      ]);
      await store.commit([shardCommit(other.shardId, other.rangeId, [start(other.shardId, 'elsewhere')])]);
      const gone = { current: { expectedRunId: 'run-of-z', row: null } };
      await store.commit([
        shardCommit(shardId, rangeId, [mutation('delete', run(shardId, 'run-of-z', 'z'), '', gone)]),
      ]);
      const found: WorkflowKey[] = [];
      for (;;) {
        const page: readonly WorkflowKey[] = await store.listCurrentKeys(shardId, found.at(-1), 3);
        assert.ok(page.length <= 3);
        found.push(...page);
        if (page.length < 3) break;
      }
      assert.deepEqual(
        found.sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1)),
        ids.slice(0, 4).map((workflowId) => ({ namespaceId: 'namespace-1', workflowId })),
      );
    });
  });
}
