// A journaled store over memory tables, with what its tests ask for: faults and held answers of single operations, other processes over the
// same tables, and a look at tables and journal that the store does not notice.

import { bytes, text } from '../../contract/contract-backend.ts';
import { type MutationExtras, mutation, shardCommit } from '../../contract/sample-mutation.ts';
import { FIRST, LAST, run } from '../../contract/store-under-test.ts';
import { type ExecutionKey, type ExecutionMutation, TaskCategory, type TaskInsert } from '../../execution-store.ts';
import { MemoryStoreFactory } from '../../memory/factory.ts';
import type { MemoryStoreOptions, StoreFault } from '../../memory/fault-gate.ts';
import type { JournalBackend } from '../journal-backend.ts';
import { decodeEntry } from '../journal-entry.ts';
import { JournaledExecutionStore } from '../journaled-store.ts';

export interface OwnedShard {
  readonly shardId: number;
  readonly rangeId: number;
}

type Stage = 'before' | 'after';

export interface LabOptions {
  readonly answer?: 'sync' | 'promise';
  readonly maxBacklog?: number;
}

export class JournalLab {
  readonly store: JournaledExecutionStore;
  readonly backend: JournalBackend;
  readonly outside: JournalBackend;
  readonly #factory: MemoryStoreFactory;
  readonly #faults = new Map<string, StoreFault>();
  #held: { readonly what: string; readonly reached: () => void; readonly released: Promise<void> } | undefined;
  readonly #calls: string[] = [];

  constructor({ answer = 'sync', maxBacklog = 100 }: LabOptions = {}) {
    const delay: MemoryStoreOptions['delay'] = (operation, stage) => this.#delay(operation, stage);
    this.#factory = new MemoryStoreFactory({
      answer,
      fault: (operation) => this.#fault(operation),
      delay: answer === 'sync' ? undefined : delay,
    });
    this.backend = this.#factory.openExecutionStore(0);
    this.store = new JournaledExecutionStore(this.backend, { maxBacklog });
    this.outside = this.#factory.reopen().openExecutionStore(0);
  }

  /** What the backend was asked since the last look, by method; appended entries count as a commit. */
  calls(): string[] {
    return this.#calls.splice(0);
  }

  /** Of the next such operation. */
  plan(operation: string, fault: StoreFault): void {
    this.#faults.set(operation, fault);
  }

  /** The next such operation stops before it takes effect, or before it answers. */
  hold(operation: string, stage: Stage): { readonly reached: Promise<void>; readonly release: () => void } {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { what: `${operation} ${stage}`, reached: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  crash(): void {
    this.#factory.crash();
  }

  /** A journaled store of another process. */
  otherProcess(): JournaledExecutionStore {
    return new JournaledExecutionStore(this.#factory.reopen().openExecutionStore(0), { maxBacklog: 100 });
  }

  async acquire(shardId: number, store = this.store): Promise<OwnedShard> {
    const { rangeId } = await store.acquireShard(shardId, 'host');
    return { shardId, rangeId };
  }

  async write({ shardId, rangeId }: OwnedShard, ...changes: readonly ExecutionMutation[]): Promise<void> {
    await this.store.commit([shardCommit(shardId, rangeId, changes)]);
  }

  /** The states of these runs in the tables. */
  async tables(...keys: readonly ExecutionKey[]): Promise<(string | undefined)[]> {
    return Promise.all(keys.map(async (key) => text((await this.outside.loadExecution(key))?.state)));
  }

  /** What the shard's journal holds, as 'range id: run id = state, shard info, number of deletes'. */
  async journal(shardId: number): Promise<string[]> {
    return (await this.outside.readJournal(shardId)).entries.map(({ rangeId, data }) => {
      const { change, shardInfo, taskDeletes } = decodeEntry(data);
      const words = change === undefined ? [] : [`${change.runId} = ${text(change.state)}`];
      if (shardInfo !== undefined) words.push(`info ${text(shardInfo)}`);
      if (taskDeletes.length > 0) words.push(`${taskDeletes.length} deletes`);
      return `${rangeId}: ${words.join(', ')}`;
    });
  }

  /** Of the transfer queue in the tables. */
  async taskIds(shardId: number): Promise<number[]> {
    const tasks = await this.outside.readTasks(shardId, TaskCategory.TRANSFER, FIRST, LAST, 100);
    return tasks.map(({ taskId }) => taskId);
  }

  #fault(operation: string): StoreFault | undefined {
    this.#calls.push(operation);
    const planned = this.#faults.get(operation);
    this.#faults.delete(operation);
    return planned;
  }

  #delay(operation: string, stage: Stage): Promise<void> | undefined {
    const held = this.#held;
    if (held?.what !== `${operation} ${stage}`) return undefined;
    this.#held = undefined;
    held.reached();
    return held.released;
  }
}

export function create(shardId: number, runId = 'run-1', state = 's', extras: MutationExtras = {}): ExecutionMutation {
  return mutation('create', run(shardId, runId), state, extras);
}

export function update(shardId: number, runId: string, state: string, extras: MutationExtras = {}): ExecutionMutation {
  return mutation('update', run(shardId, runId), state, extras);
}

/** Of a workflow other than run()'s. */
export function createOf(workflowId: string, shardId = 1, extras: MutationExtras = {}): ExecutionMutation {
  return mutation('create', run(shardId, 'run-1', workflowId), 's', extras);
}

export function transferTask(taskId: number): TaskInsert {
  return { category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId, data: bytes('t') };
}

/** Acknowledges transfer tasks below this one. */
export function below(taskId: number, from = 0) {
  return { category: TaskCategory.TRANSFER, from: { fireTimeMs: 0, taskId: from }, to: { fireTimeMs: 0, taskId } };
}

/** Makes the run the current one, in place of `expectedRunId`. */
export function becomesCurrent(runId: string, expectedRunId: string): MutationExtras {
  return { current: { expectedRunId, row: { runId, data: Buffer.from(`current ${runId}`) } } };
}
