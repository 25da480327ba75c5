// The contract of ExecutionStore as tests, run by every backend: fencing (I1), atomicity, parts, paging, durability. Current runs,
// history and queued tasks have files of their own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ExecutionKey, type ExecutionStore, PartKind, TaskCategory } from '../execution-store.ts';
import { ConditionFailedError, ShardFencedError } from '../store-errors.ts';
import { bytes, type ContractBackend, failureOf, text } from './contract-backend.ts';
import { mutation, node, shardCommit } from './sample-mutation.ts';
import { FIRST, LAST, openStoreFor, run } from './store-under-test.ts';

export function describeExecutionStore(backend: ContractBackend): void {
  describe(`execution store on ${backend.name}`, () => {
    let store: ExecutionStore;
    const { newShard, newShardId, reopen, stateOf, currentOf, tasksOf } = openStoreFor(backend, (opened) => {
      store = opened;
    });
    const partsOf = async (key: ExecutionKey) =>
      (await store.loadExecution(key))?.parts.map((part) => `${part.kind}/${part.key}=${text(part.data)}`).sort();

    describe('shards', () => {
      test('the first acquire gives range id 1 and no info, each later one the next range id and the stored info', async () => {
        const shardId = newShardId();
        const first = await store.acquireShard(shardId, 'host-a');
        assert.equal(first.rangeId, 1);
        assert.equal(first.shardInfo, undefined);
        await store.commit([shardCommit(shardId, 1, [], { shardInfo: bytes('info') })]);
        const second = await store.acquireShard(shardId, 'host-b');
        assert.equal(second.rangeId, 2);
        assert.equal(text(second.shardInfo), 'info');
      });

      test('a commit without info keeps the stored one', async () => {
        const { shardId, rangeId } = await newShard();
        await store.commit([shardCommit(shardId, rangeId, [], { shardInfo: bytes('kept') })]);
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 's')])]);
        assert.equal(text((await store.acquireShard(shardId, 'host-a')).shardInfo), 'kept');
      });

      test('an empty batch is allowed', async () => {
        await store.commit([]);
      });

      test('I1: a stale range id cannot write, and the error names the shard', async () => {
        const { shardId, rangeId } = await newShard();
        await store.acquireShard(shardId, 'host-b');
        const error = await failureOf(() =>
          store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 's')])]),
        );
        assert.ok(error instanceof ShardFencedError, String(error));
        assert.equal(error.shardId, shardId);
        assert.equal(await stateOf(run(shardId)), undefined);
      });

      test('I1: a range id from the future cannot write', async () => {
        const { shardId, rangeId } = await newShard();
        const error = await failureOf(() => store.commit([shardCommit(shardId, rangeId + 1, [])]));
        assert.ok(error instanceof ShardFencedError, String(error));
      });

      test('I1: a shard that nobody has acquired cannot be written', async () => {
        const shardId = newShardId();
        const error = await failureOf(() => store.commit([shardCommit(shardId, 1, [])]));
        assert.ok(error instanceof ShardFencedError, String(error));
        assert.equal(error.shardId, shardId);
      });

      test('I1: one fenced shard fails the whole batch, of all shards', async () => {
        const [a, b, c] = [await newShard(), await newShard(), await newShard()];
        await store.acquireShard(b.shardId, 'host-b');
        const batch = [a, b, c].map(({ shardId, rangeId }) =>
          shardCommit(
            shardId,
            rangeId,
            [
              mutation('create', run(shardId), 's', {
                current: { expectedRunId: '', row: { runId: 'run-1', data: bytes('c') } },
                tasks: [{ category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId: 1, data: bytes('t') }],
                parts: [{ kind: PartKind.TIMER, key: '1', data: bytes('p') }],
              }),
            ],
            { shardInfo: bytes('info') },
          ),
        );
        const error = await failureOf(() => store.commit(batch));
        assert.ok(error instanceof ShardFencedError, String(error));
        assert.equal(error.shardId, b.shardId);
        for (const { shardId } of [a, b, c]) {
          assert.equal(await stateOf(run(shardId)), undefined);
          assert.equal(await currentOf(run(shardId)), undefined);
          assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), []);
          assert.equal((await store.acquireShard(shardId, 'x')).shardInfo, undefined);
        }
      });

      test('a batch over several shards writes them all', async () => {
        const shards = [await newShard(), await newShard()];
        await store.commit(
          shards.map(({ shardId, rangeId }) =>
            shardCommit(shardId, rangeId, [mutation('create', run(shardId), `state of ${shardId}`)]),
          ),
        );
        for (const { shardId } of shards) assert.equal(await stateOf(run(shardId)), `state of ${shardId}`);
      });

      test('what many shards acknowledge at once is written beside their changes', async () => {
        const shards = [];
        for (let i = 0; i < 16; i++) shards.push(await newShard());
        const task = (taskId: number) => ({ category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId, data: bytes('t') });
        const done = { category: TaskCategory.TRANSFER, from: FIRST, to: { fireTimeMs: 0, taskId: 2 } };
        const changed = shards.slice(0, 4);
        for (const { shardId, rangeId } of changed) {
          const change = mutation('create', run(shardId), 's', { tasks: [task(1), task(2)] });
          await store.commit([shardCommit(shardId, rangeId, [change])]);
        }
        await store.commit(
          shards.map((shard) => {
            const { shardId, rangeId } = shard;
            const changes = changed.includes(shard) ? [mutation('update', run(shardId), 'changed')] : [];
            return shardCommit(shardId, rangeId, changes, { shardInfo: bytes(`of ${shardId}`), taskDeletes: [done] });
          }),
        );
        for (const { shardId } of shards) {
          assert.equal(text((await store.acquireShard(shardId, 'next')).shardInfo), `of ${shardId}`);
        }
        for (const { shardId } of changed) {
          assert.equal(await stateOf(run(shardId)), 'changed');
          assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), ['0/2']);
        }
      });
    });

    describe('executions', () => {
      test('a run that does not exist is undefined', async () => {
        const { shardId } = await newShard();
        assert.equal(await store.loadExecution(run(shardId)), undefined);
        assert.equal(await store.loadCurrent(shardId, 'namespace-1', 'workflow-1'), undefined);
      });

      test('a run is created, updated and read back', async () => {
        const { shardId, rangeId } = await newShard();
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 'first')])]);
        assert.equal(await stateOf(run(shardId)), 'first');
        await store.commit([shardCommit(shardId, rangeId, [mutation('update', run(shardId), 'second')])]);
        assert.equal(await stateOf(run(shardId)), 'second');
      });

      test('runs are told apart by shard, namespace, workflow and run', async () => {
        const [a, b] = [await newShard(), await newShard()];
        const keys = [
          run(a.shardId),
          run(b.shardId),
          run(a.shardId, 'run-2'),
          run(a.shardId, 'run-1', 'workflow-2'),
          { ...run(a.shardId), namespaceId: 'namespace-2' },
        ];
        for (const [index, key] of keys.entries()) {
          const { rangeId } = key.shardId === a.shardId ? a : b;
          const change = mutation('create', key, `state ${index}`, {
            parts: [{ kind: PartKind.TIMER, key: 'k', data: bytes(`part ${index}`) }],
          });
          await store.commit([shardCommit(key.shardId, rangeId, [change])]);
        }
        for (const [index, key] of keys.entries()) {
          assert.equal(await stateOf(key), `state ${index}`);
          assert.deepEqual(await partsOf(key), [`${PartKind.TIMER}/k=part ${index}`]);
        }
      });

      test('creating a run that exists fails and changes nothing', async () => {
        const { shardId, rangeId } = await newShard();
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 'first')])]);
        const error = await failureOf(() =>
          store.commit([
            shardCommit(shardId, rangeId, [
              mutation('create', run(shardId, 'run-2'), 'other'),
              mutation('create', run(shardId), 'second'),
            ]),
          ]),
        );
        assert.ok(error instanceof ConditionFailedError, String(error));
        assert.equal(await stateOf(run(shardId)), 'first');
        assert.equal(await stateOf(run(shardId, 'run-2')), undefined);
      });

      test('updating a run that does not exist fails', async () => {
        const { shardId, rangeId } = await newShard();
        const error = await failureOf(() =>
          store.commit([shardCommit(shardId, rangeId, [mutation('update', run(shardId), 's')])]),
        );
        assert.ok(error instanceof ConditionFailedError, String(error));
      });

      test('several changes of one run in a batch apply in order', async () => {
        const { shardId, rangeId } = await newShard();
        await store.commit([
          shardCommit(shardId, rangeId, [
            mutation('create', run(shardId), '1', {
              current: { expectedRunId: '', row: { runId: 'run-1', data: bytes('a') } },
              parts: [
                { kind: PartKind.TIMER, key: 'a', data: bytes('1') },
                { kind: PartKind.TIMER, key: 'b', data: bytes('1') },
              ],
              historyNodes: [node('tree', 'branch', 1, 'old')],
            }),
            mutation('update', run(shardId), '2', {
              parts: [
                { kind: PartKind.TIMER, key: 'a', data: null },
                { kind: PartKind.TIMER, key: 'b', data: bytes('2') },
              ],
              historyNodes: [node('tree', 'branch', 1, 'new')],
              current: { expectedRunId: 'run-1', row: { runId: 'run-2', data: bytes('b') } },
            }),
            mutation('create', run(shardId, 'run-2'), '3'),
            mutation('update', run(shardId, 'run-2'), '4', {
              current: { expectedRunId: 'run-2', row: { runId: 'run-2', data: bytes('c') } },
            }),
          ]),
        ]);
        assert.equal(await stateOf(run(shardId)), '2');
        assert.deepEqual(await partsOf(run(shardId)), [`${PartKind.TIMER}/b=2`]);
        assert.equal(await stateOf(run(shardId, 'run-2')), '4');
        const current = await store.loadCurrent(shardId, 'namespace-1', 'workflow-1');
        assert.equal(current?.runId, 'run-2');
        assert.equal(text(current?.data), 'c');
      });

      test('a condition that an earlier change of the batch breaks fails the batch', async () => {
        const { shardId, rangeId } = await newShard();
        const twice = await failureOf(() =>
          store.commit([
            shardCommit(shardId, rangeId, [
              mutation('create', run(shardId), '1'),
              mutation('create', run(shardId), '2'),
            ]),
          ]),
        );
        assert.ok(twice instanceof ConditionFailedError, String(twice));
        const afterDelete = await failureOf(() =>
          store.commit([
            shardCommit(shardId, rangeId, [
              mutation('delete', run(shardId), ''),
              mutation('update', run(shardId), '2'),
            ]),
          ]),
        );
        assert.ok(afterDelete instanceof ConditionFailedError, String(afterDelete));
        assert.equal(await stateOf(run(shardId)), undefined);
      });

      test('a deleted run takes its parts with it, and its id can be used again', async () => {
        const { shardId, rangeId } = await newShard();
        const part = { kind: PartKind.ACTIVITY, key: '5', data: bytes('p') };
        await store.commit([
          shardCommit(shardId, rangeId, [
            mutation('create', run(shardId), 's', { parts: [part] }),
            mutation('create', run(shardId, 'run-2'), 's', { parts: [part] }),
          ]),
        ]);
        await store.commit([shardCommit(shardId, rangeId, [mutation('delete', run(shardId), '')])]);
        assert.equal(await store.loadExecution(run(shardId)), undefined);
        assert.deepEqual(await partsOf(run(shardId, 'run-2')), [`${PartKind.ACTIVITY}/5=p`]);
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 'again')])]);
        assert.deepEqual(await partsOf(run(shardId)), []);
        assert.equal(await stateOf(run(shardId)), 'again');
      });

      test('a run deleted and created again in one batch keeps none of its old parts', async () => {
        const { shardId, rangeId } = await newShard();
        const parts = [{ kind: PartKind.ACTIVITY, key: 'old', data: bytes('p') }];
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 's', { parts })])]);
        await store.commit([
          shardCommit(shardId, rangeId, [
            mutation('delete', run(shardId), ''),
            mutation('create', run(shardId), 'new', {
              parts: [{ kind: PartKind.ACTIVITY, key: 'new', data: bytes('p') }],
            }),
          ]),
        ]);
        assert.equal(await stateOf(run(shardId)), 'new');
        assert.deepEqual(await partsOf(run(shardId)), [`${PartKind.ACTIVITY}/new=p`]);
      });

      test('deleting a run that does not exist is no error', async () => {
        const { shardId, rangeId } = await newShard();
        await store.commit([shardCommit(shardId, rangeId, [mutation('delete', run(shardId), '')])]);
      });

      test('stored bytes are the bytes at the time of the commit', async () => {
        const { shardId, rangeId } = await newShard();
        const receiveBuffer = Buffer.from('..state..');
        const change = mutation('create', run(shardId), '');
        await store.commit([shardCommit(shardId, rangeId, [{ ...change, state: receiveBuffer.subarray(2, 7) }])]);
        receiveBuffer.fill(0);
        assert.equal(await stateOf(run(shardId)), 'state');
      });

      test('ids may hold any character', async () => {
        const { shardId, rangeId } = await newShard();
        const ids = [
          '"quoted"',
          'back\\slash',
          '{a,b}',
          "o'clock",
          'NULL',
          'a\u0000b',
          '\u0001',
          'naïve ☃ 🎼',
          ' ',
          '%_',
        ];
        for (const id of ids) {
          const key = run(shardId, `run ${id}`, id);
          const change = mutation('create', key, id, {
            current: { expectedRunId: '', row: { runId: key.runId, data: bytes(id) } },
            parts: [{ kind: PartKind.SIGNAL_REQUESTED, key: id, data: new Uint8Array(0) }],
          });
          await store.commit([shardCommit(shardId, rangeId, [change])]);
        }
        for (const id of ids) {
          const key = run(shardId, `run ${id}`, id);
          const loaded = await store.loadExecution(key);
          assert.equal(text(loaded?.state), id);
          assert.deepEqual(
            loaded?.parts.map((part) => part.key),
            [id],
          );
          assert.equal(await currentOf(key), key.runId);
        }
        const { executions } = await store.listExecutions(shardId, '', 100);
        assert.deepEqual(executions.map((found) => found.workflowId).sort(), [...ids].sort());
      });
    });

    describe('parts', () => {
      test('only the named parts change (I7)', async () => {
        const { shardId, rangeId } = await newShard();
        const parts = Array.from({ length: 2000 }, (_, index) => ({
          kind: PartKind.ACTIVITY,
          key: String(index),
          data: bytes(`activity ${index}`),
        }));
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), 's', { parts })])]);
        await store.commit([
          shardCommit(shardId, rangeId, [
            mutation('update', run(shardId), 's', {
              parts: [
                { kind: PartKind.ACTIVITY, key: '7', data: null },
                { kind: PartKind.ACTIVITY, key: '8', data: bytes('changed') },
                { kind: PartKind.ACTIVITY, key: 'absent', data: null },
              ],
            }),
          ]),
        ]);
        const loaded = await store.loadExecution(run(shardId));
        assert.equal(loaded?.parts.length, 1999);
        const byKey = new Map(loaded?.parts.map((part) => [part.key, text(part.data)]));
        assert.equal(byKey.get('7'), undefined);
        assert.equal(byKey.get('8'), 'changed');
        assert.equal(byKey.get('9'), 'activity 9');
      });

      test('a kind and a key make a part; data may be empty', async () => {
        const { shardId, rangeId } = await newShard();
        const parts = Object.values(PartKind).map((kind) => ({ kind, key: '1', data: new Uint8Array(0) }));
        await store.commit([shardCommit(shardId, rangeId, [mutation('create', run(shardId), '', { parts })])]);
        const loaded = await store.loadExecution(run(shardId));
        assert.equal(loaded?.state.length, 0);
        assert.deepEqual(loaded?.parts.map((part) => part.kind).sort(), Object.values(PartKind).sort());
        assert.ok(loaded?.parts.every((part) => part.data instanceof Uint8Array && part.data.length === 0));
      });
    });

    describe('listing', () => {
      test('pages show every run of the shard once', async () => {
        const [shard, other] = [await newShard(), await newShard()];
        const keys = Array.from({ length: 25 }, (_, index) =>
          run(shard.shardId, `run-${index % 5}`, `workflow-${Math.floor(index / 5)}`),
        );
        await store.commit([
          shardCommit(
            shard.shardId,
            shard.rangeId,
            keys.map((key) => mutation('create', key, key.runId)),
          ),
          shardCommit(other.shardId, other.rangeId, [mutation('create', run(other.shardId), 's')]),
        ]);
        const seen: string[] = [];
        let afterKey = '';
        do {
          const page = await store.listExecutions(shard.shardId, afterKey, 10);
          assert.ok(page.executions.length <= 10);
          for (const found of page.executions) {
            assert.equal(found.shardId, shard.shardId);
            assert.equal(text(found.state), found.runId);
            seen.push(`${found.workflowId}/${found.runId}`);
          }
          afterKey = page.nextKey;
        } while (afterKey !== '');
        assert.deepEqual([...seen].sort(), keys.map((key) => `${key.workflowId}/${key.runId}`).sort());
      });

      test('a page that ends with the last run says so', async () => {
        const { shardId, rangeId } = await newShard();
        const keys = ['a', 'b'].map((id) => run(shardId, id));
        await store.commit([
          shardCommit(
            shardId,
            rangeId,
            keys.map((key) => mutation('create', key, '')),
          ),
        ]);
        const page = await store.listExecutions(shardId, '', 2);
        assert.equal(page.executions.length, 2);
        assert.equal(page.nextKey, '');
      });
    });

    describe('size', () => {
      test('large blobs come back whole', async () => {
        const { shardId, rangeId } = await newShard();
        const large = Buffer.alloc(4 * 1024 * 1024, 'ostinato');
        const change = {
          ...mutation('create', run(shardId), '', {
            parts: [{ kind: PartKind.BUFFERED_EVENTS, key: '1', data: large }],
            historyNodes: [{ treeId: 'tree', branchId: 'large', nodeId: 1, data: large }],
            tasks: [{ category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId: 1, data: large }],
          }),
          state: large,
        };
        await store.commit([shardCommit(shardId, rangeId, [change])]);
        const loaded = await store.loadExecution(run(shardId));
        assert.ok(large.equals(loaded!.state));
        assert.ok(large.equals(loaded!.parts[0]!.data));
        const [task] = await store.readTasks(shardId, TaskCategory.TRANSFER, FIRST, LAST, 1);
        assert.ok(large.equals(task!.data));
      });

      test('a batch of many changes is written whole', async () => {
        const { shardId, rangeId } = await newShard();
        const keys = Array.from({ length: 500 }, (_, index) => run(shardId, `run-${index}`, `workflow-${index}`));
        await store.commit([
          shardCommit(
            shardId,
            rangeId,
            keys.map((key, index) =>
              mutation('create', key, String(index), {
                current: { expectedRunId: '', row: { runId: key.runId, data: bytes('c') } },
                parts: [{ kind: PartKind.ACTIVITY, key: '5', data: bytes('p') }],
                historyNodes: [node(key.runId, 'b', 1)],
                tasks: [{ category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId: index + 1, data: bytes('t') }],
              }),
            ),
          ),
        ]);
        assert.equal((await tasksOf(shardId, TaskCategory.TRANSFER)).length, 500);
        for (const index of [0, 250, 499]) {
          assert.equal(await stateOf(keys[index]!), String(index));
          assert.equal(await currentOf(keys[index]!), keys[index]!.runId);
        }
      });
    });

    test('what was committed is there after the store is opened again', { skip: notDurable(backend) }, async () => {
      const { shardId, rangeId } = await newShard();
      await store.commit([
        shardCommit(
          shardId,
          rangeId,
          [
            mutation('create', run(shardId), 'durable', {
              current: { expectedRunId: '', row: { runId: 'run-1', data: bytes('c') } },
              parts: [{ kind: PartKind.TIMER, key: '1', data: bytes('p') }],
              tasks: [{ category: TaskCategory.TIMER, fireTimeMs: 7, taskId: 1, data: bytes('t') }],
            }),
          ],
          { shardInfo: bytes('info') },
        ),
      ]);
      await store.close();
      await store.close(); // twice is safe
      await reopen();
      assert.equal(await stateOf(run(shardId)), 'durable');
      assert.equal(await currentOf(run(shardId)), 'run-1');
      assert.deepEqual(await partsOf(run(shardId)), [`${PartKind.TIMER}/1=p`]);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TIMER), ['7/1']);
      const acquired = await store.acquireShard(shardId, 'host-a');
      assert.equal(acquired.rangeId, rangeId + 1);
      assert.equal(text(acquired.shardInfo), 'info');
    });
  });
}

function notDurable(backend: ContractBackend): string | false {
  return backend.durable ? false : `${backend.name} loses its data when it is closed`;
}
