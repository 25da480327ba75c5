// Prints how many bytes of the old generation a run takes once it has ended. A program of its own, because a test runner keeps more. Tests only.

import { getHeapSpaceStatistics } from 'node:v8';
import { CommandType } from '#proto/temporal/api/enums/v1';
import { youngCollector } from '../../base/testing/assert-forgets.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from './history-fixture.ts';

const WARM_UP = 1_500;
/** Few enough that no full collection comes in between. */
const RUNS = 1_000;
const RUNS_EACH_COLLECTION = 100;
/** Longer than an ended run stays in memory. */
const STEP_MS = 200;

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

const store = new MemoryStoreFactory().openExecutionStore(0);
// Rows in memory would hide what is looked for.
const history = await historyFixture(Object.assign(store, { commit: () => {} }));
const collectYoung = youngCollector();
let played = 0;

async function play(runs: number): Promise<void> {
  for (let i = 0; i < runs; i++) {
    await history.start({ workflowId: `run-${played++}` });
    const { taskToken } = await history.pollWorkflowTask();
    const attributes = { completeWorkflowExecutionCommandAttributes: {} };
    await history.complete({
      taskToken,
      commands: [{ commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, ...attributes }],
    });
    history.visibility.length = 0;
    await history.clock.advance(STEP_MS);
    if (i % RUNS_EACH_COLLECTION === 0) collectYoung();
  }
  collectYoung();
  collectYoung();
}

await play(WARM_UP);
const before = oldBytes();
await play(RUNS);
console.log(Math.round((oldBytes() - before) / RUNS));
await history.stop();
