// What a quiet moment is used for: the log's pages reach the file, and no commit has to take them there.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import { SqliteStoreFactory } from './factory.ts';

const directory = mkdtempSync(join(tmpdir(), 'ostinato-checkpoint-'));
after(() => rmSync(directory, { recursive: true }));

test('after a rest the file has all commits without its log', () => {
  const folder = (name: string) => join(directory, name);
  const open = (name: string) =>
    new SqliteStoreFactory({ kind: 'sqlite', path: join(folder(name), 'data.db'), pragmas: {} }).openExecutionStore(0);
  const runsInCopy = (name: string) => {
    mkdirSync(folder(name));
    const files = readdirSync(folder('original')).filter((file) => !file.endsWith('-wal'));
    for (const file of files) copyFileSync(join(folder('original'), file), join(folder(name), file));
    const store = open(name);
    const { executions } = store.listExecutions(1, '', 100);
    store.close();
    return executions.map(({ runId }) => runId);
  };
  const store = open('original');
  try {
    const { rangeId } = store.acquireShard(1, 'test');
    store.rest();
    for (const runId of ['run-1', 'run-2']) {
      const key = { shardId: 1, namespaceId: 'namespace', workflowId: runId, runId };
      store.commit([shardCommit(1, rangeId, [mutation('create', key, 'state')])]);
    }
    assert.deepEqual(runsInCopy('before'), []);
    store.rest();
    assert.deepEqual(runsInCopy('after'), ['run-1', 'run-2']);
  } finally {
    store.close();
  }
});
