// What does a page of history for a worker cost, from the batches in memory and from the store?
// Workload: a run of 300 events in batches of 3; pages of 3, 30 and 256 events from its end, as a sticky worker, a new worker and
// a history call read them. Unit: us of one thread. Baseline: the same events decoded and encoded again by our own codec, which
// is what serving without stored bytes would cost. Prints p50, p99, max and a checksum of the bytes.
// Run: node native-free-bench/micro/history-page/history-page.ts

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import { readEvents } from '../../../src/history/history-reader.ts';
import { createStoreFactory, type ExecutionStore } from '../../../src/persistence/index.ts';
import { payloads } from '../../workloads/commands.ts';

const EVENTS = 300;
const BATCH_EVENTS = 3;
const PAGES = 20_000;
const SHARD_ID = 1;
const branch = { treeId: 'tree', branchId: 'branch', ancestors: [] };

const batches = Array.from({ length: EVENTS / BATCH_EVENTS }, (_, index) => {
  const firstEventId = 1 + index * BATCH_EVENTS;
  const events = Array.from({ length: BATCH_EVENTS }, (_, i) => ({
    ...{ eventId: firstEventId + i, eventTime: 1_800_000_000_000, taskId: 1_048_577 + i },
    eventType: EventType.WORKFLOW_EXECUTION_SIGNALED,
    workflowExecutionSignaledEventAttributes: { signalName: 'more', input: payloads(), identity: 'bench@host' },
  }));
  return { firstEventId, endEventId: firstEventId + BATCH_EVENTS, data: History.encode({ events }) };
});

async function filledStore(path: string): Promise<ExecutionStore> {
  const factory = createStoreFactory({ kind: 'sqlite', path, pragmas: {} });
  await factory.prepareSchema({ upgrade: false });
  const store = await factory.openExecutionStore(0);
  const { rangeId } = await store.acquireShard(SHARD_ID, 'bench');
  await store.commit([
    {
      ...{ shardId: SHARD_ID, rangeId, taskDeletes: [] },
      executions: [
        {
          ...{
            namespaceId: 'namespace',
            workflowId: 'workflow',
            runId: 'run',
            kind: 'create',
            state: new Uint8Array(700),
          },
          ...{ parts: [], tasks: [], deletedBranches: [] },
          newBranches: [{ treeId: branch.treeId, branchId: branch.branchId, data: new Uint8Array(80) }],
          historyNodes: batches.map(({ firstEventId, data }) => ({
            ...{ treeId: branch.treeId, branchId: branch.branchId },
            ...{ nodeId: firstEventId, data },
          })),
        },
      ],
    },
  ]);
  return store;
}

async function measure(name: string, page: () => Promise<number> | number, report: boolean): Promise<void> {
  const times: number[] = [];
  let checksum = 0;
  for (let i = 0; i < PAGES; i++) {
    const startMs = performance.now();
    checksum += await page();
    times.push((performance.now() - startMs) * 1000);
  }
  if (!report) return;
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(1);
  console.log(`${name}\tp50 ${at(0.5)} us\tp99 ${at(0.99)} us\tmax ${at(1)} us\tchecksum ${checksum}`);
}

const bytesOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

const folder = mkdtempSync(join(tmpdir(), 'ostinato-bench-'));
const store = await filledStore(join(folder, 'data.db'));
for (const report of [false, true]) {
  for (const events of [3, 30, 256]) {
    const fromEventId = 1 + EVENTS - Math.ceil(events / BATCH_EVENTS) * BATCH_EVENTS;
    const request = { shardId: SHARD_ID, branch, fromEventId, endEventId: EVENTS + 1, maxEvents: EVENTS };
    const read = async (tail: typeof batches): Promise<number> =>
      bytesOf((await readEvents(store, { ...request, tail })).batches);
    await measure(`${events} events\tmemory`, () => read(batches), report);
    await measure(`${events} events\tsqlite`, () => read([]), report);
    const again = batches.filter((batch) => batch.firstEventId >= fromEventId);
    await measure(
      `${events} events\tdecode and encode`,
      () => bytesOf(again.map(({ data }) => History.encode(History.decode(data)))),
      report,
    );
  }
}
await store.close();
rmSync(folder, { recursive: true });
