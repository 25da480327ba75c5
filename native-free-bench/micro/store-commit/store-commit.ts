// How long does a commit of 1, 10 and 100 changes take on each store?
// Workload: `start` creates a run (state, current run, branch, first events, three tasks: 8 rows); `step` completes an activity
// of one of the last 500 runs (state, part, events, task: 4 rows). Payload sizes of a small workflow. Unit: ms per commit.
// Baseline: run ids at random (UUID version 4) against run ids in order of time (version 7), which the server gives out.
// Prints p50, p99, max, us per change, what a store with a journal needs beside the commits, and a checksum: the bytes of all states read back.
// Run: node native-free-bench/micro/store-commit/store-commit.ts [memory] [sqlite] [postgres]

import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionMutation, ExecutionStore, StoreFactory } from '../../../src/persistence/index.ts';
import { createStoreFactory, MemoryStoreFactory, PartKind, TaskCategory } from '../../../src/persistence/index.ts';
import { startPostgres } from '../../../test/support/postgres.ts';

const SHARD_ID = 1;
const STATE = Buffer.alloc(700, 1);
const EVENTS = Buffer.alloc(350, 2);
const PART = Buffer.alloc(300, 3);
const TASK = Buffer.alloc(120, 4);
const BRANCH = Buffer.alloc(80, 5);
const CURRENT = Buffer.alloc(100, 6);
/** Runs that are busy at the same time. */
const ACTIVE_RUNS = 500;
/** Runs that are there already, so that indexes have their depth. */
const EARLIER_RUNS = 20_000;
/** Commits after which the tables of a store with a journal catch up: some 30 changes of those runs, as at 27 workflows a second. */
const CATCH_UP_EVERY = 30;
const COMMITS: Readonly<Record<number, number>> = { 1: 2_000, 10: 400, 100: 100 };

interface Backend {
  readonly name: string;
  open(): Promise<{ factory: StoreFactory; close(): Promise<void> }>;
}

const backends: readonly Backend[] = [
  { name: 'memory', open: async () => ({ factory: new MemoryStoreFactory(), close: async () => {} }) },
  {
    name: 'sqlite',
    open: async () => {
      const directory = mkdtempSync(join(tmpdir(), 'ostinato-bench-'));
      const factory = createStoreFactory({ kind: 'sqlite', path: join(directory, 'data.db'), pragmas: {} });
      return { factory, close: async () => rmSync(directory, { recursive: true }) };
    },
  },
  {
    name: 'postgres',
    open: async () => {
      const server = await startPostgres({ durable: true });
      const factory = createStoreFactory({ kind: 'postgres', url: server.url, maxConnections: 2 });
      return { factory, close: () => server.stop() };
    },
  },
];

class Workload {
  readonly runIds: string[] = [];
  private readonly newRunId: () => string;
  private readonly namespaceId = randomUUID();
  private lastTaskId = 0;
  private lastNodeId = 1;
  private nextRun = 0;

  constructor(newRunId: () => string) {
    this.newRunId = newRunId;
  }

  start(): ExecutionMutation {
    const runId = this.newRunId();
    this.runIds.push(runId);
    return {
      ...this.key(runId),
      kind: 'create',
      state: STATE,
      parts: [],
      newBranches: [{ treeId: runId, branchId: runId, data: BRANCH }],
      deletedBranches: [],
      historyNodes: [{ treeId: runId, branchId: runId, nodeId: 1, data: EVENTS }],
      current: { expectedRunId: '', row: { runId, data: CURRENT } },
      tasks: [this.task(TaskCategory.TRANSFER), this.task(TaskCategory.TIMER), this.task(TaskCategory.VISIBILITY)],
    };
  }

  step(): ExecutionMutation {
    this.nextRun = (this.nextRun + 1) % ACTIVE_RUNS;
    const runId = this.runIds[this.runIds.length - 1 - this.nextRun]!;
    return {
      ...this.key(runId),
      kind: 'update',
      state: STATE,
      parts: [{ kind: PartKind.ACTIVITY, key: '5', data: PART }],
      newBranches: [],
      deletedBranches: [],
      historyNodes: [{ treeId: runId, branchId: runId, nodeId: ++this.lastNodeId, data: EVENTS }],
      tasks: [this.task(TaskCategory.TRANSFER)],
    };
  }

  key(runId: string) {
    return { namespaceId: this.namespaceId, workflowId: `order-${runId.slice(-12)}`, runId };
  }

  private task(category: TaskCategory) {
    const fireTimeMs = category === TaskCategory.TIMER ? Date.now() + 60_000 : 0;
    return { category, fireTimeMs, taskId: ++this.lastTaskId, data: TASK };
  }
}

async function measure(backend: Backend, ids: 'random' | 'ordered'): Promise<void> {
  const { factory, close } = await backend.open();
  await factory.prepareSchema({ upgrade: false });
  const store = await factory.openExecutionStore(0);
  const { rangeId } = await store.acquireShard(SHARD_ID, 'bench');
  const workload = new Workload(ids === 'random' ? randomUUID : randomUUIDv7);
  const commit = (executions: ExecutionMutation[]) =>
    store.commit([{ shardId: SHARD_ID, rangeId, executions, taskDeletes: [] }]);

  while (workload.runIds.length < EARLIER_RUNS) await commit(Array.from({ length: 500 }, () => workload.start()));
  for (const kind of ['start', 'step'] as const) {
    for (const changes of [1, 10, 100]) {
      const times: number[] = [];
      let catchUpMs = 0;
      for (let round = 0; round < COMMITS[changes]!; round++) {
        const executions = Array.from({ length: changes }, () => workload[kind]());
        const startMs = performance.now();
        const writing = commit(executions);
        if (writing instanceof Promise) await writing;
        times.push(performance.now() - startMs);
        if (round % CATCH_UP_EVERY !== 0 || !store.backlog) continue;
        const behindSinceMs = performance.now();
        await store.catchUp?.();
        catchUpMs += performance.now() - behindSinceMs;
      }
      report(`${backend.name}\t${ids} ids\t${kind} x ${changes}`, times, changes);
      const each = ((catchUpMs * 1000) / (times.length * changes)).toFixed(1);
      if (catchUpMs > 0)
        console.log(`${backend.name}\t${ids} ids\t${kind} x ${changes}\tand ${each} us a change beside them`);
    }
  }
  console.log(`${backend.name}\t${ids} ids\tchecksum ${await checksum(store, workload)}`);
  await store.close();
  await close();
}

function report(name: string, times: number[], changes: number): void {
  const meanMs = times.reduce((sum, time) => sum + time, 0) / times.length;
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(3);
  const each = ((meanMs * 1000) / changes).toFixed(1);
  console.log(`${name}\tp50 ${at(0.5)} ms\tp99 ${at(0.99)} ms\tmax ${at(1)} ms\t${each} us a change`);
}

async function checksum(store: ExecutionStore, workload: Workload): Promise<number> {
  let bytes = 0;
  for (const runId of workload.runIds.slice(-ACTIVE_RUNS)) {
    const loaded = await store.loadExecution({ shardId: SHARD_ID, ...workload.key(runId) });
    bytes += loaded!.state.length + loaded!.parts.length;
  }
  return bytes;
}

const chosen = process.argv.slice(2);
for (const backend of backends) {
  if (chosen.length > 0 && !chosen.includes(backend.name)) continue;
  for (const ids of ['random', 'ordered'] as const) await measure(backend, ids);
}
