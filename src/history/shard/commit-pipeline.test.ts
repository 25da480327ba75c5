// When the tables follow a journal. What commits promise is in test/invariants.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalMetrics } from '../../metrics/local-metrics.ts';
import type { ExecutionStore } from '../../persistence/index.ts';
import { QuietMoments } from '../../runtime/quiet-moments.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { HistoryMetrics } from '../metrics.ts';
import { CommitPipeline } from './commit-pipeline.ts';
import { QuietChores } from './quiet-chores.ts';

const COMMIT = { shardId: 1, rangeId: 1, executions: [], taskDeletes: [] };

function start() {
  const clock = new VirtualClock();
  const beganMs = clock.nowMs();
  const steps: number[] = [];
  const store = {
    backlog: 1,
    commit: () => {},
    catchUp: () => void steps.push(clock.nowMs() - beganMs),
  } as unknown as ExecutionStore;
  const moments = new QuietMoments(clock);
  const metrics = new HistoryMetrics(new LocalMetrics('test'));
  const pipeline = new CommitPipeline({
    store,
    clock,
    metrics,
    moments,
    chores: new QuietChores(moments, []),
    flushMessages: () => {},
  });
  const commit = () =>
    pipeline.markDirty({
      shardId: 1,
      takeCommit: () => COMMIT,
      sendAhead: () => {},
      sendCommitted: () => false,
      committed: () => {},
      commitFailed: () => {},
    });
  return { clock, pipeline, steps, commit };
}

test('tables follow every quarter of a second', async () => {
  const { clock, steps, commit } = start();
  commit();
  await clock.advance(800);
  assert.deepEqual(steps, [250, 500, 750]);
});

test('they wait while commits come, but not for ever', async () => {
  const { clock, steps, commit } = start();
  for (let ms = 0; ms < 249; ms++) {
    commit();
    await clock.advance(1);
  }
  commit(); // and the last of a few
  await clock.advance(10);
  assert.deepEqual(steps, [255]);
  for (let ms = 0; ms < 400; ms++) {
    commit();
    await clock.advance(1);
  }
  assert.deepEqual(steps, [255, 605]);
});

test('a pipeline that is stopped lets them be', async () => {
  const { clock, pipeline, steps, commit } = start();
  commit();
  await clock.advance(0);
  pipeline.stop();
  await clock.advance(1_000);
  assert.deepEqual(steps, []);
});
