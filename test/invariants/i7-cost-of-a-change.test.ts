// I7: a change costs what it changes: counted in parts, events, bytes and reads of the store.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import type { ExecutionStore, ShardCommit } from '../../src/persistence/index.ts';
import { activity, Lab } from './lab.ts';

const ACTIVITIES = 2_000;
const SIGNALS = 3_000;
const INPUT = Payloads.encode({ payloads: [Payload.encode({ data: Buffer.alloc(200, 'x') })] });

interface Cost {
  commits: number;
  parts: number;
  events: number;
  tasks: number;
  bytes: number;
  historyReads: number;
}

/** Counts what the service asks of its store. */
class Meter {
  cost!: Cost;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.cost = { commits: 0, parts: 0, events: 0, tasks: 0, bytes: 0, historyReads: 0 };
  }

  watch = (store: ExecutionStore): ExecutionStore =>
    new Proxy(store, {
      get: (target, property) => {
        if (property === 'readHistory') this.cost.historyReads++;
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== 'function') return member;
        if (property !== 'commit') return member.bind(target);
        return (batch: readonly ShardCommit[]) => {
          this.count(batch);
          return target.commit(batch);
        };
      },
    });

  private count(batch: readonly ShardCommit[]): void {
    this.cost.commits++;
    for (const { executions } of batch) {
      for (const { state, parts, historyNodes, tasks } of executions) {
        this.cost.parts += parts.length;
        this.cost.events += historyNodes.length;
        this.cost.tasks += tasks.length;
        this.cost.bytes += state.length;
        for (const { data } of parts) this.cost.bytes += data?.length ?? 0;
        for (const { data } of [...historyNodes, ...tasks]) this.cost.bytes += data.length;
      }
    }
  }
}

async function withPendingActivities(count: number): Promise<{ lab: Lab; meter: Meter }> {
  const meter = new Meter();
  const lab = await Lab.open({ watch: meter.watch });
  await lab.fixture.start({ workflowId: 'w' });
  const commands = Array.from({ length: count }, (_, index) => activity(`a${index}`, INPUT));
  await lab.answer(await lab.fixture.pollWorkflowTask(), ...commands);
  await lab.settle();
  assert.equal(lab.fixture.activityTasks.length, count);
  return { lab, meter };
}

/** What it costs to start, and to complete, one of the pending activities. */
async function costOfOne(pending: number): Promise<{ readonly start: Cost; readonly completion: Cost }> {
  const { lab, meter } = await withPendingActivities(pending);
  const [handed] = lab.fixture.activityTasks;
  // As after a crash: nothing is at hand but what the stores have, matching's too.
  await lab.restart();
  await lab.settle();
  lab.fixture.activityTasks.splice(0, Number.POSITIVE_INFINITY, handed!);
  meter.reset();
  const task = await lab.fixture.pollActivityTask();
  const start = meter.cost;
  meter.reset();
  await lab.completeActivity(task);
  return { start, completion: meter.cost };
}

test(`when one of ${ACTIVITIES} pending activities starts or completes, the others are not written`, async () => {
  const few = await costOfOne(2);
  const many = await costOfOne(ACTIVITIES);
  for (const what of ['start', 'completion'] as const) {
    assert.deepEqual({ ...many[what], bytes: 0 }, { ...few[what], bytes: 0 }, `rows of a ${what}`);
    // Numbers in the state take a few bytes more.
    const more = many[what].bytes - few[what].bytes;
    assert.ok(
      more < 64,
      `a ${what} writes ${many[what].bytes} bytes with ${ACTIVITIES} pending, ${few[what].bytes} with 2`,
    );
  }
  assert.equal(many.completion.parts, 1);
  assert.ok(many.completion.bytes < 2_000, `${many.completion.bytes} bytes`);
});

test(`appending to a history of ${SIGNALS} events reads none of it and writes only what is new`, async () => {
  const meter = new Meter();
  const lab = await Lab.open({ watch: meter.watch });
  await lab.fixture.start({ workflowId: 'w' });
  await lab.signal('w', 'first');
  meter.reset();
  await lab.signal('w', 'early');
  const early = meter.cost;
  meter.reset();
  for (let index = 0; index < SIGNALS; index++) await lab.signal('w', `s${index}`);
  await lab.restart();
  meter.reset();
  await lab.signal('w', 'later');
  const late = meter.cost;
  assert.equal(late.historyReads, 0, 'history was read to append to it');
  assert.deepEqual({ ...late, bytes: 0 }, { ...early, bytes: 0 });
  assert.ok(late.bytes - early.bytes < 64, `${late.bytes} bytes with a long history, ${early.bytes} with a short one`);
});
