// A history partition of version 1, with all that it may hold, is what it was after the upgrade.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TaskCategory } from '../execution-store.ts';
import { SqliteStoreFactory } from './factory.ts';
import { openDatabase } from './open-database.ts';
import { historyVersion1 } from './schema/history-v1.ts';
import { applySchemaSteps } from './schema.ts';

const RUN = '01a1fbaa-02a0-7863-8c21-6f16ff6a3439';
const NAMESPACE = '32049b68-7872-4094-8e63-d0dd59896a83';
const BRANCH = '0ed0a5c9-15a1-4c55-8ab5-1d0c5d2b8a0e';
const LAST = { fireTimeMs: Number.MAX_SAFE_INTEGER, taskId: Number.MAX_SAFE_INTEGER };

test('version 1 to 2 keeps runs, histories and queued tasks', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ostinato-upgrade-'));
  try {
    const path = join(directory, 'data.db');
    const old = openDatabase({ path: `${path}-history-0`, pragmas: {}, locking: 'exclusive' });
    applySchemaSteps(old, [historyVersion1]);
    old.exec(`
      INSERT INTO shards VALUES (1, 7, 'host-a', x'01');
      INSERT INTO executions VALUES (1, '${RUN}', '${NAMESPACE}', 'order-1', x'aa'), (1, 'not-a-uuid', 'n', 'w', x'bb');
      INSERT INTO execution_parts VALUES (1, '${RUN}', '${NAMESPACE}', 'order-1', 2, '5', x'cc');
      INSERT INTO current_executions VALUES (1, '${NAMESPACE}', 'order-1', '${RUN}', x'dd');
      INSERT INTO history_branches VALUES (1, '${RUN}', '${BRANCH}', x'ee');
      INSERT INTO history_nodes VALUES (1, '${RUN}', '${BRANCH}', 1, x'01'), (1, '${RUN}', '${BRANCH}', 3, x'03');
      INSERT INTO tasks VALUES (1, 1, 0, 10, x'10'), (1, 1, 0, 11, x'11'), (1, 2, 5000, 12, x'12'), (1, 3, 0, 13, x'13');
    `);
    old.close();

    const factory = new SqliteStoreFactory({ kind: 'sqlite', path, pragmas: {} });
    assert.throws(() => factory.openExecutionStore(0), /run `ostinato schema update`/);
    factory.prepareSchema({ upgrade: true });
    const store = factory.openExecutionStore(0);
    const key = { shardId: 1, namespaceId: NAMESPACE, workflowId: 'order-1', runId: RUN };
    const hex = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString('hex');

    const run = store.loadExecution(key);
    assert.equal(hex(run?.state), 'aa');
    assert.deepEqual(
      run?.parts.map((part) => [part.kind, part.key, hex(part.data)]),
      [[2, '5', 'cc']],
    );
    assert.equal(
      hex(store.loadExecution({ shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'not-a-uuid' })?.state),
      'bb',
    );
    assert.equal(store.loadCurrent(1, NAMESPACE, 'order-1')?.runId, RUN);
    assert.deepEqual(
      store.listBranches(1, RUN).map(({ branchId }) => branchId),
      [BRANCH],
    );
    const segments = [{ branchId: BRANCH, minNodeId: 1, endNodeId: 100 }];
    const history = store.readHistory({
      shardId: 1,
      treeId: RUN,
      segments,
      minNodeId: 1,
      endNodeId: 100,
      limit: 10,
      reverse: false,
    });
    assert.deepEqual(
      history.nodes.map(({ nodeId, data }) => [nodeId, hex(data)]),
      [
        [1, '01'],
        [3, '03'],
      ],
    );
    const tasks = (category: (typeof TaskCategory)[keyof typeof TaskCategory]) =>
      store
        .readTasks(1, category, { fireTimeMs: 0, taskId: 0 }, LAST, 10)
        .map(({ fireTimeMs, taskId, data }) => [fireTimeMs, taskId, hex(data)]);
    assert.deepEqual(tasks(TaskCategory.TRANSFER), [
      [0, 10, '10'],
      [0, 11, '11'],
    ]);
    assert.deepEqual(tasks(TaskCategory.TIMER), [[5000, 12, '12']]);
    assert.deepEqual(tasks(TaskCategory.VISIBILITY), [[0, 13, '13']]);
    assert.deepEqual(
      store
        .listExecutions(1, '', 10)
        .executions.map(({ runId }) => runId)
        .sort(),
      [RUN, 'not-a-uuid'],
    );
    assert.equal(store.acquireShard(1, 'host-b').rangeId, 8);
    store.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
