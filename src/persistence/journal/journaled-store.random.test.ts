// Random operations on a memory store with a journal and on one without: two processes each, which take shards from each other, crash and
// come back. Every answer is the same, and in the end the tables are. A failing seed is in the message.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../contract/contract-backend.ts';
import { run } from '../contract/store-under-test.ts';
import type { ExecutionStore, ShardCommit } from '../execution-store.ts';
import { MemoryStoreFactory } from '../memory/factory.ts';
import type { MemoryStoreOptions, StoreFault } from '../memory/fault-gate.ts';
import { JournaledExecutionStore } from './journaled-store.ts';
import { Random } from './testing/random.ts';
import { RandomChanges, RUNS, WORKFLOWS } from './testing/random-changes.ts';
import { readsOf, tablesOf } from './testing/reads-in-words.ts';

const SEEDS = Number(process.env.JOURNAL_SEEDS ?? 100);
const FIRST_SEED = Number(process.env.JOURNAL_FIRST_SEED ?? 1);
const STEPS = 80;
const SHARDS = [1, 2, 3];

type Mode = 'sync' | 'promise' | 'promise after uneven delays';
type SideName = 'plain' | 'journaled';
type Operation = (store: ExecutionStore, side: SideName) => unknown;

for (const mode of ['sync', 'promise', 'promise after uneven delays'] as const) {
  test(`a journal changes no answer and no table: ${mode}`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const comparison = new Comparison(seed, mode);
      try {
        await comparison.execute();
      } catch (error) {
        const last = comparison.log.slice(-8).join('\n');
        throw new Error(`JOURNAL_FIRST_SEED=${seed} JOURNAL_SEEDS=1 (${mode}):\n${last}`, { cause: error });
      }
    }
  });
}

interface Process {
  readonly factory: MemoryStoreFactory;
  readonly store: ExecutionStore;
  /** Of its commits, while it is set. */
  fault: StoreFault | undefined;
}

/** Both of its processes work on the same tables. */
class Side {
  readonly #root = new MemoryStoreFactory();
  readonly tables = this.#root.openExecutionStore(0);
  readonly #options: Pick<MemoryStoreOptions, 'answer' | 'delay'>;
  readonly #maxBacklog: number | undefined;
  readonly processes: Process[] = [];

  constructor(options: Pick<MemoryStoreOptions, 'answer' | 'delay'>, maxBacklog: number | undefined) {
    this.#options = options;
    this.#maxBacklog = maxBacklog;
    this.start(0);
    this.start(1);
  }

  start(index: number): void {
    const fault = (operation: string) => (operation === 'commit' ? process.fault : undefined);
    const factory = this.#root.reopen({ ...this.#options, fault });
    const backend = factory.openExecutionStore(0);
    const store =
      this.#maxBacklog === undefined ? backend : new JournaledExecutionStore(backend, { maxBacklog: this.#maxBacklog });
    const process: Process = { factory, store, fault: undefined };
    this.processes[index] = process;
  }
}

class Comparison {
  readonly log: string[] = [];
  readonly #random: Random;
  readonly #changes: RandomChanges;
  readonly #plain: Side;
  readonly #journaled: Side;
  /** Range ids are those of the plain side. */
  readonly #owners = new Map<number, { readonly process: number; readonly rangeId: number }>();
  readonly #former: { readonly process: number; readonly shardId: number; readonly rangeId: number }[] = [];
  /** Of the journaled side, which may acquire a shard twice; by shard and range id of the plain side. */
  readonly #journaledRangeIds = new Map<string, number>();

  constructor(seed: number, mode: Mode) {
    this.#random = new Random(seed);
    const delays = new Random(-seed);
    const delay = async () => {
      for (let turns = delays.below(8); turns > 0; turns--) await undefined;
    };
    const options = {
      answer: mode === 'sync' ? mode : 'promise',
      delay: mode === 'promise after uneven delays' ? delay : undefined,
    } as const;
    this.#plain = new Side(options, undefined);
    this.#journaled = new Side(options, this.#random.oneOf([1, 3, 6, 10, 20, 50]));
    this.#changes = new RandomChanges(this.#random, this.#plain.tables);
  }

  async execute(): Promise<void> {
    for (const shardId of SHARDS) await this.#acquire(shardId);
    for (let step = 0; step < STEPS; step++) await this.#step();
    await this.#finish();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const shardId = random.oneOf(SHARDS);
    const owner = this.#owners.get(shardId);
    if (owner === undefined || random.chance(0.03)) return this.#acquire(shardId);
    const { process } = owner;
    const chosen = random.below(100);
    if (chosen < 40) await this.#same(process, ...this.#commit([this.#commitOf(shardId, 1)]));
    else if (chosen < 50) await this.#same(process, ...this.#commit(this.#batch(process, 1)));
    else if (chosen < 58) await this.#same(process, ...this.#commit(this.#batch(process, 4)));
    else if (chosen < 59) await this.#same(process, ...this.#commit([]));
    else if (chosen < 72) await this.#same(process, ...this.#read(shardId));
    else if (chosen < 80) await this.#same(process, ...this.#catchUp());
    else if (chosen < 88) await this.#together(process, shardId);
    else if (chosen < 92) await this.#failedCatchUp(process, shardId);
    else if (chosen < 96) await this.#staleCommit();
    else await this.#crash(process, shardId);
  }

  /** A commit, and reads of other shards, a catch-up or an acquisition while it is in flight. */
  async #together(process: number, shardId: number): Promise<void> {
    const random = this.#random;
    const others = this.#owned(process).filter((other) => other !== shardId);
    const operations = [
      this.#commit([this.#commitOf(shardId, 1 + random.below(3))]),
      ...others.map((other) => this.#read(other)),
    ];
    if (random.chance(0.5)) operations.push(this.#catchUp());
    const taken = SHARDS.filter((other) => other !== shardId && !others.includes(other)).slice(0, 1);
    if (random.chance(0.5)) operations.reverse();
    const started = operations.map((operation) => this.#same(process, ...operation));
    const formerCatchesUp = taken.length > 0 && random.chance(0.3);
    const acquisitions = taken.map((other) => this.#acquire(other, process));
    if (formerCatchesUp) acquisitions.push(this.#same(1 - process, ...this.#catchUp()).then(() => {}));
    await Promise.all([...started, ...acquisitions]);
  }

  /** Only what a journal adds fails: no answer differs from the other side's but this one. */
  async #failedCatchUp(process: number, shardId: number): Promise<void> {
    const [what, operation] = this.#random.chance(0.5) ? this.#read(shardId) : this.#catchUp();
    const failing = this.#journaled.processes[process]!;
    failing.fault = this.#random.oneOf(['fail-before', 'fail-after'] as const);
    this.log.push(`process ${process}: ${failing.fault} of ${what}`);
    const outcome = await outcomeOf(() => operation(failing.store, 'journaled'));
    failing.fault = undefined;
    if (outcome === 'StoreUnavailableError') return;
    assert.deepEqual(outcome, await outcomeOf(() => operation(this.#plain.processes[process]!.store, 'plain')), what);
  }

  /** By a process that another one has taken the shard from, or that has taken it anew. */
  async #staleCommit(): Promise<void> {
    const former = this.#former.filter(({ shardId }) => this.#owners.has(shardId));
    if (former.length === 0) return;
    const { process, shardId, rangeId } = this.#random.oneOf(former);
    const stale = this.#changes.commit(shardId, rangeId, this.#random.below(3));
    const [what, operation] = this.#commit([stale, ...(this.#random.chance(0.5) ? this.#batch(process, 3) : [])]);
    // Of two reasons to refuse it, a journal may see the other one first.
    for (const outcome of await this.#both(process, `stale ${what}`, operation)) {
      assert.ok(outcome === 'ShardFencedError' || outcome === 'ConditionFailedError', `${what}: ${outcome}`);
    }
  }

  /** The process dies in a commit, before or after it takes effect, and starts again without shards. */
  async #crash(process: number, shardId: number): Promise<void> {
    const sides = [this.#plain, this.#journaled].map((side) => side.processes[process]!);
    const fault = this.#random.oneOf(['crash-before', 'crash-after'] as const);
    for (const side of sides) side.fault = fault;
    const batch = this.#random.chance(0.5) ? this.#batch(process, 3) : [];
    const [what, operation] = this.#commit(batch.length === 0 ? [this.#commitOf(shardId, 1)] : batch);
    const [plain, journaled] = await this.#both(process, `${fault} of ${what}`, operation);
    // A commit that the backlog refuses does not get to the crash.
    if (fault === 'crash-after') assert.deepEqual(journaled, plain, what);
    else assert.ok(journaled === plain || journaled === 'ConditionFailedError', what);
    for (const side of [this.#plain, this.#journaled]) {
      side.processes[process]!.factory.crash();
      side.start(process);
    }
    for (const owned of this.#owned(process)) this.#owners.delete(owned);
    for (const former of this.#former.splice(0)) if (former.process !== process) this.#former.push(former);
  }

  async #acquire(shardId: number, process = this.#random.below(2)): Promise<void> {
    const owner = this.#owners.get(shardId);
    if (owner !== undefined) this.#former.push({ shardId, ...owner });
    this.#owners.delete(shardId);
    const acquired = await this.#both(process, `acquire ${shardId}`, async (store) => {
      const { rangeId, shardInfo } = await store.acquireShard(shardId, `host-${process}`);
      return { rangeId, shardInfo: text(shardInfo) };
    });
    for (const answer of acquired) assert.equal(typeof answer, 'object', `acquire ${shardId}: ${answer}`);
    const [plain, journaled] = acquired as { readonly rangeId: number; readonly shardInfo: string | undefined }[];
    assert.equal(journaled!.shardInfo, plain!.shardInfo, `info of shard ${shardId}`);
    this.#journaledRangeIds.set(`${shardId}/${plain!.rangeId}`, journaled!.rangeId);
    this.#owners.set(shardId, { process, rangeId: plain!.rangeId });
  }

  async #finish(): Promise<void> {
    for (const { store } of this.#journaled.processes) await store.catchUp?.();
    for (const shardId of this.#owners.keys()) await this.#assertSameTables(shardId);
    for (const shardId of SHARDS) await this.#acquire(shardId, 0);
    for (const shardId of SHARDS) await this.#assertSameTables(shardId);
  }

  async #assertSameTables(shardId: number): Promise<void> {
    const runs = WORKFLOWS.flatMap((workflowId) => RUNS.map((runId) => run(shardId, runId, workflowId)));
    assert.deepEqual(await tablesOf(this.#journaled.tables, runs), await tablesOf(this.#plain.tables, runs));
    assert.deepEqual((await this.#journaled.tables.readJournal(shardId)).entries, []);
  }

  async #same(process: number, what: string, operation: Operation): Promise<unknown> {
    const [plain, journaled] = await this.#both(process, what, operation);
    assert.deepEqual(journaled, plain, what);
    return plain;
  }

  #both(process: number, what: string, operation: Operation): Promise<unknown[]> {
    this.log.push(`process ${process}: ${what}`);
    const [plain, journaled] = [this.#plain, this.#journaled].map((side) => side.processes[process]!.store);
    return Promise.all([
      outcomeOf(() => operation(plain!, 'plain')),
      outcomeOf(() => operation(journaled!, 'journaled')),
    ]);
  }

  #commit(batch: readonly ShardCommit[]): [string, Operation] {
    const words = batch.map(({ shardId, rangeId, executions, shardInfo, taskDeletes }) => {
      const changes = executions.map(({ kind, workflowId, runId }) => `${kind} ${workflowId}/${runId}`);
      if (shardInfo !== undefined) changes.push(`${text(shardInfo)}`);
      if (taskDeletes.length > 0) changes.push('acknowledged');
      return `${shardId}(${rangeId}): ${changes.join(', ')}`;
    });
    const journaled = batch.map((commit) => {
      const rangeId = this.#journaledRangeIds.get(`${commit.shardId}/${commit.rangeId}`);
      return { ...commit, rangeId: rangeId ?? commit.rangeId };
    });
    return [`commit [${words.join('; ')}]`, (store, side) => store.commit(side === 'plain' ? batch : journaled)];
  }

  #read(shardId: number): [string, Operation] {
    const [name, read] = this.#random.oneOf(readsOf(this.#changes.randomRun(shardId), 1 + this.#random.below(4)));
    return [`${name} of shard ${shardId}`, read];
  }

  #catchUp(): [string, Operation] {
    const rounds = this.#random.chance(0.2) ? undefined : this.#random.below(4);
    return [`catchUp(${rounds})`, (store) => store.catchUp?.(rounds)];
  }

  #commitOf(shardId: number, changes: number): ShardCommit {
    return this.#changes.commit(shardId, this.#owners.get(shardId)!.rangeId, changes);
  }

  /** Of some of the process's shards. */
  #batch(process: number, changesOfShard: number): ShardCommit[] {
    return this.#owned(process)
      .filter(() => this.#random.chance(0.6))
      .map((shardId) => this.#commitOf(shardId, this.#random.below(changesOfShard + 1)));
  }

  #owned(process: number): number[] {
    return SHARDS.filter((shardId) => this.#owners.get(shardId)?.process === process);
  }
}

/** The value, or the name of the error's class. */
async function outcomeOf(operation: () => unknown): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    return (error as Error).name;
  }
}
