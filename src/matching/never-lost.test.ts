// Random adds, polls, cancellations, refusals of history, store faults, crashes and take-overs, under virtual time. What
// AddTask acknowledged is started exactly once in the end, and is given to at most one poll. A failing seed is in the message.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notFound, resourceExhausted, unavailable } from '../proto/service-errors.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const SEEDS = Number(process.env.MATCHING_SEEDS ?? 20);
const FIRST_SEED = Number(process.env.MATCHING_FIRST_SEED ?? 1);
const STEPS = 250;
const RPS_LIMIT = 1;
const BUSY_WORKFLOW = 5;

/** mulberry32: small, seeded, good enough to choose steps. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Mode {
  readonly name: string;
  readonly answer: 'sync' | 'promise';
  readonly faults: number;
  readonly cancels: boolean;
  readonly crashes: boolean;
  readonly partitions: number;
}

const MODES: readonly Mode[] = [
  { name: 'a store that answers at once', answer: 'sync', faults: 0, cancels: false, crashes: false, partitions: 1 },
  { name: 'a slow store', answer: 'promise', faults: 0, cancels: false, crashes: false, partitions: 1 },
  { name: 'cancelled polls', answer: 'sync', faults: 0, cancels: true, crashes: false, partitions: 1 },
  { name: 'store faults', answer: 'promise', faults: 0.1, cancels: true, crashes: false, partitions: 1 },
  { name: 'crashes and take-overs', answer: 'promise', faults: 0.05, cancels: true, crashes: true, partitions: 1 },
  { name: 'several partitions', answer: 'sync', faults: 0, cancels: false, crashes: false, partitions: 4 },
  {
    name: 'several partitions, with all mishaps',
    answer: 'promise',
    faults: 0.05,
    cancels: true,
    crashes: true,
    partitions: 4,
  },
];

for (const mode of MODES) {
  test(`tasks are never lost nor doubled: ${mode.name}`, async () => {
    // Owners that were replaced live on as zombies here: such runs take ten times as long.
    const seeds = mode.crashes && mode.partitions > 1 ? Math.ceil(SEEDS / 10) : SEEDS;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
      try {
        await new Run(seed, mode).execute();
      } catch (error) {
        throw new Error(`MATCHING_FIRST_SEED=${seed} MATCHING_SEEDS=1 (${mode.name})`, { cause: error });
      }
    }
  });
}

class Run {
  readonly #random: () => number;
  readonly #mode: Mode;
  readonly #lab: MatchingLab;
  #calm = false;
  readonly #acknowledged = new Set<string>();
  readonly #refusedForGood = new Set<string>();
  readonly #delivered = new Map<string, number>();
  /** Started for a poll that was cancelled, or whose answer was lost with the process. */
  readonly #undeliverable = new Set<string>();
  readonly #polls = new Set<TestCall>();
  #names = 0;

  constructor(seed: number, mode: Mode) {
    this.#random = generator(seed * 7919 + mode.name.length);
    this.#mode = mode;
    this.#lab = new MatchingLab(this.#storeOptions());
    this.#lab.settings.set('matching.getTasksBatchSize', 12);
    this.#lab.settings.set('matching.getTasksReloadAt', 4);
    this.#lab.settings.set('matching.numTaskqueueReadPartitions', mode.partitions);
    this.#lab.settings.set('matching.numTaskqueueWritePartitions', mode.partitions);
    // Two levels of forwarding.
    this.#lab.settings.set('matching.forwarderMaxChildrenPerNode', 2);
    this.#lab.settings.set('matching.taskDeleteInterval', 500);
    this.#lab.settings.set('matching.maxTaskQueueIdleTime', 20_000);
    this.#lab.history.onStart = async (start) => {
      if (this.#random() < 0.5) await this.#sleep(this.#random() * 50);
      if (this.#calm) return 'start';
      const dice = this.#random();
      if (dice < 0.1) return unavailable('shard is moving');
      if (dice < 0.15) {
        // Recorded, and the answer is lost.
        try {
          this.#lab.history.record(start);
        } catch {
          // Somebody else's start stands.
        }
        return unavailable('the answer got lost');
      }
      if (dice < 0.2) return resourceExhausted('busy', BUSY_WORKFLOW);
      if (dice < 0.23) return resourceExhausted('too much', RPS_LIMIT);
      if (dice < 0.28 && !this.#lab.history.started.has(`${start.workflowId}/${start.scheduledEventId}`)) {
        this.#refusedForGood.add(start.workflowId);
        return notFound('workflow is closed');
      }
      return 'start';
    };
  }

  async execute(): Promise<void> {
    for (let step = 0; step < STEPS; step++) await this.#step();
    this.#calm = true;
    await this.#drain();
    this.#check();
    await this.#lab.clock.advance(60_000);
    const store = this.#lab.stores.openTaskQueueStore();
    for (let partitionId = 0; partitionId < this.#mode.partitions; partitionId++) {
      for (const level of ['', ':p1', ':p5']) {
        const key = this.#lab.partitionKey(1, partitionId) + level;
        assert.equal(await store.count(key, 0), 0, 'done tasks are deleted');
      }
    }
  }

  async #step(): Promise<void> {
    const lab = this.#lab;
    const dice = this.#random();
    if (dice < 0.35) this.#add();
    else if (dice < 0.6) this.#poll();
    else if (dice < 0.7) await lab.clock.advance(this.#random() * 200);
    else if (dice < 0.78) await lab.clock.advance(this.#random() * 8_000);
    else if (dice < 0.86 && this.#mode.cancels) this.#cancelOne();
    else if (dice < 0.87 && this.#mode.crashes) {
      await lab.restart(this.#storeOptions());
      this.#polls.clear();
    } else if (dice < 0.88 && this.#mode.crashes) {
      const taken = lab.callOn(lab.secondOwner(), 'DescribeTaskQueue', lab.apiRequest(new Uint8Array(0), 1));
      let done = false;
      void taken.catch(() => {}).finally(() => (done = true));
      while (!done) await lab.clock.advance(100);
    } else await lab.clock.settle();
  }

  #add(): void {
    const name = `w${this.#names++}`;
    const dice = this.#random();
    const priorityKey = dice < 0.15 ? 1 : dice < 0.3 ? 5 : undefined;
    this.#lab.addWorkflowTask(name, { priorityKey, partition: this.#partition() }).then(
      () => this.#acknowledged.add(name),
      () => {},
    );
  }

  #poll(): void {
    const call = new TestCall(this.#lab.clock.nowMs() + 2_000 + this.#random() * 10_000);
    const service = this.#lab.service;
    this.#polls.add(call);
    this.#lab.pollWorkflow(call, {}, this.#partition()).then(
      ({ workflowExecution }) => {
        this.#polls.delete(call);
        if (workflowExecution === undefined) return;
        const name = workflowExecution.workflowId;
        if (call.cancelled || service !== this.#lab.service) this.#undeliverable.add(name);
        else this.#delivered.set(name, (this.#delivered.get(name) ?? 0) + 1);
      },
      () => this.#polls.delete(call),
    );
  }

  #partition(): { partitionId: number } {
    return { partitionId: Math.floor(this.#random() * this.#mode.partitions) };
  }

  #cancelOne(): void {
    const calls = [...this.#polls];
    const call = calls[Math.floor(this.#random() * calls.length)];
    if (call === undefined) return;
    this.#polls.delete(call);
    call.cancel();
  }

  async #drain(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      this.#poll();
      await this.#lab.clock.advance(500);
      const allDone = round > 40 && [...this.#acknowledged].every((name) => this.#isDone(name));
      if (allDone && (await this.#backlogCount()) === 0) break;
    }
    await this.#lab.clock.advance(120_000);
    assert.equal(await this.#backlogCount(), 0);
  }

  async #backlogCount(): Promise<number> {
    return (await this.#lab.describe({ reportStats: true })).stats?.approximateBacklogCount ?? 0;
  }

  #isDone(name: string): boolean {
    return this.#lab.history.started.has(`${name}/5`) || this.#refusedForGood.has(name);
  }

  #check(): void {
    const lost = [...this.#acknowledged].filter((name) => !this.#isDone(name));
    assert.deepEqual(lost, [], 'acknowledged tasks that were never started');
    for (const [name, times] of this.#delivered) assert.equal(times, 1, `${name} was given to ${times} polls`);
    if (this.#mode.cancels || this.#mode.crashes) return;
    const missing = [...this.#lab.history.started.keys()].filter((key) => !this.#delivered.has(key.split('/')[0]!));
    assert.deepEqual(missing, [], 'started tasks that no poll was given');
  }

  #storeOptions() {
    const mode = this.#mode;
    return {
      answer: mode.answer,
      fault: () => {
        if (this.#calm || this.#random() >= mode.faults) return undefined;
        return this.#random() < 0.5 ? ('fail-before' as const) : ('fail-after' as const);
      },
      ...(mode.answer === 'promise' && {
        delay: () => (!this.#calm && this.#random() < 0.3 ? this.#sleep(this.#random() * 100) : undefined),
      }),
    };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#lab.clock.after(ms, resolve));
  }
}
