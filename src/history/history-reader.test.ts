import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryBranch } from '#proto/ostinato/persistence/v1';
import { History, HistoryEvent } from '#proto/temporal/api/history/v1';
import type { ExecutionStore } from '../persistence/index.ts';
import { readEvents } from './history-reader.ts';

/** Batches of a run that a reset began at event 4: the first two are those of the run before. */
const BATCHES: readonly (readonly number[])[] = [[1, 2], [3], [4, 5, 6, 7], [8], [9]];
const nodes = BATCHES.map((ids) => ({
  nodeId: ids[0] ?? 0,
  data: History.encode({ events: ids.map((eventId) => HistoryEvent.decode(HistoryEvent.encode({ eventId }))) }),
}));
const store = {
  readHistory: async ({ minNodeId, limit }: { minNodeId: number; limit: number }) => {
    const rest = nodes.filter(({ nodeId }) => nodeId >= minNodeId);
    return { nodes: rest.slice(0, limit), hasMore: rest.length > limit };
  },
} as unknown as ExecutionStore;
const branch = HistoryBranch.decode(
  HistoryBranch.encode({
    treeId: 't',
    branchId: 'b',
    ancestors: [{ branchId: 'a', beginNodeId: 1, endNodeId: 4 }],
  }),
);

async function pages(maxEvents: number): Promise<number[]> {
  const lastEvents: number[] = [];
  for (let fromEventId = 1; fromEventId !== 0; ) {
    const request = { shardId: 1, branch, tail: [], fromEventId, endEventId: 10, maxEvents, countsBatches: true };
    const page = await readEvents(store, request);
    lastEvents.push(History.decode(page.batches.at(-1) ?? Buffer.alloc(0)).events.at(-1)?.eventId ?? 0);
    fromEventId = page.nextEventId;
  }
  return lastEvents;
}

test('a page that has as many events as batches were asked for ends where a reset forked the branch', async () => {
  assert.deepEqual(await pages(3), [3, 9]);
});

test('a page with fewer events goes on behind the fork, with all its batches', async () => {
  assert.deepEqual(await pages(4), [9]);
  assert.deepEqual(await pages(100), [9]);
});
