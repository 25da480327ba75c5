import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LEVEL, levelOf, PRIORITY_LEVELS } from './priority.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

async function takeAll(lab: MatchingLab, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let i = 0; i < count; i++) {
    const { workflowExecution } = await lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 2_000));
    taken.push(workflowExecution?.workflowId ?? 'nothing');
  }
  return taken;
}

test('keys are clamped to the levels, and none means the middle', () => {
  const key = (priorityKey: number) => levelOf({ priorityKey, fairnessKey: '', fairnessWeight: 0 });
  assert.equal(levelOf(undefined), DEFAULT_LEVEL);
  assert.deepEqual([key(0), key(1), key(PRIORITY_LEVELS), key(PRIORITY_LEVELS + 4)], [DEFAULT_LEVEL, 1, 5, 5]);
  assert.equal(DEFAULT_LEVEL, 3);
});

test('tasks are dispatched by priority, and in order within one', async () => {
  const lab = new MatchingLab();
  for (const [name, priorityKey] of [
    ['c1', undefined],
    ['e1', 5],
    ['a1', 1],
    ['c2', 3],
    ['b1', 2],
    ['a2', 1],
    ['d1', 4],
  ] as const) {
    await lab.addWorkflowTask(name, { priorityKey });
  }
  assert.deepEqual(await takeAll(lab, 7), ['a1', 'a2', 'b1', 'c1', 'c2', 'd1', 'e1']);
});

test('an urgent task overtakes a backlog that does not fit into memory, also after a restart', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.getTasksBatchSize', 5);
  lab.settings.set('matching.getTasksReloadAt', 1);
  await Promise.all(Array.from({ length: 30 }, (_, i) => lab.addWorkflowTask(`w${i}`)));
  await lab.addWorkflowTask('urgent-1', { priorityKey: 1 });
  await lab.addWorkflowTask('urgent-2', { priorityKey: 1 });
  assert.equal((await takeAll(lab, 1))[0], 'urgent-1');
  await lab.clock.advance(20_000);
  await lab.restart();
  assert.equal(await lab.backlogCount(), 31);
  assert.deepEqual((await takeAll(lab, 3)).slice(0, 2), ['urgent-2', 'w0']);
});

test('the first task of a level is found after a crash at any operation of the store', async () => {
  for (let crashAt = 0; crashAt < 12; crashAt++) {
    let operations = 0;
    const lab = new MatchingLab({ fault: () => (operations++ === crashAt ? 'crash-after' : undefined) });
    const acknowledged: string[] = [];
    for (const [name, priorityKey] of [
      ['normal', undefined],
      ['urgent', 1],
      ['lazy', 5],
    ] as const) {
      await lab.addWorkflowTask(name, { priorityKey }).then(
        () => acknowledged.push(name),
        () => {},
      );
    }
    await lab.restart();
    const found = new Set(await takeAll(lab, await lab.backlogCount()));
    for (const name of acknowledged)
      assert.ok(found.has(name), `${name} is lost after a crash at operation ${crashAt}`);
  }
});

test('statistics are told by priority', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w1', { priorityKey: 1 });
  await lab.addWorkflowTask('w2', { priorityKey: 1 });
  await lab.addWorkflowTask('w3');
  await lab.clock.advance(1_000);
  const { stats, statsByPriorityKey } = await lab.describe({ reportStats: true });
  assert.equal(stats?.approximateBacklogCount, 3);
  assert.deepEqual(
    [...statsByPriorityKey].map(([level, { approximateBacklogCount }]) => [level, approximateBacklogCount]),
    [
      [1, 2],
      [3, 1],
    ],
  );
});
