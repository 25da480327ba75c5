// Test program: opens the execution store of a path, as a child process or a worker thread, commits, and holds the file.

import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import { SqliteStoreFactory } from './factory.ts';

const path = (workerData as string | null) ?? process.argv[2]!;
const store = new SqliteStoreFactory({ kind: 'sqlite', path, pragmas: {} }).openExecutionStore(0);
const { rangeId } = store.acquireShard(1, 'holder');
let acknowledged = 0;

function commitOne(): void {
  const runId = `run-${acknowledged + 1}`;
  store.commit([
    shardCommit(1, rangeId, [mutation('create', { shardId: 1, namespaceId: 'n', workflowId: 'w', runId }, 'state')]),
  ]);
  acknowledged += 1;
  const line = `acknowledged ${acknowledged}`;
  if (parentPort === null)
    writeSync(1, `${line}\n`); // not by a stream, whose buffer dies with the process
  else parentPort.postMessage(line);
}

setInterval(commitOne, 1);
