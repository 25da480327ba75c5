import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThreadLoads, ThreadLoads } from './thread-loads.ts';
import { planTopology } from './topology.ts';

test('every thread sees how busy the busiest history thread is, and no other', () => {
  const topology = planTopology({ historyThreads: 2, shardCount: 4, storePartitions: 2 });
  const memory = createThreadLoads(topology.threads.length);
  const [main, first, second, matching] = topology.threads.map(
    ({ thread }) => new ThreadLoads(memory, topology, thread),
  );
  assert.equal(main!.historyShare(), 0);
  main!.report(1);
  matching!.report(0.5);
  assert.equal(main!.historyShare(), 0);
  first!.report(0.25);
  second!.report(0.002);
  for (const loads of [main, first, second, matching]) assert.equal(loads!.historyShare(), 0.25);
  first!.report(0);
  assert.equal(matching!.historyShare(), 0.002);
});
