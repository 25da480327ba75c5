// What the random comparison writes: mostly changes that fit what is stored, tasks that rise, acknowledgements below them.

import { bytes, text } from '../../contract/contract-backend.ts';
import { branch, type MutationExtras, mutation, node, shardCommit } from '../../contract/sample-mutation.ts';
import { FIRST, run } from '../../contract/store-under-test.ts';
import type { ExecutionKey, ExecutionMutation, ExecutionStore, ShardCommit, TaskKey } from '../../execution-store.ts';
import { PartKind, TaskCategory } from '../../execution-store.ts';
import type { Random } from './random.ts';
import { BRANCHES } from './reads-in-words.ts';

export const WORKFLOWS = ['w1', 'w2', 'w3', 'w4'];
export const RUNS = ['r1', 'r2', 'r3'];
const CATEGORIES = [TaskCategory.TRANSFER, TaskCategory.TIMER];

export class RandomChanges {
  readonly #random: Random;
  /** Answers at once. */
  readonly #tables: ExecutionStore;
  /** By shard and category: what is below is acknowledged, and nobody writes a task there any more. */
  readonly #levels = new Map<string, TaskKey>();
  #lastValue = 0;

  constructor(random: Random, tables: ExecutionStore) {
    this.#random = random;
    this.#tables = tables;
  }

  commit(shardId: number, rangeId: number, changes: number): ShardCommit {
    const random = this.#random;
    // Levels first: the commit's own tasks are not acknowledged.
    const taskDeletes = random.chance(0.25) ? CATEGORIES.map((category) => this.#acknowledge(shardId, category)) : [];
    const shardInfo = random.chance(taskDeletes.length > 0 ? 0.8 : 0.05) ? this.#value('info') : undefined;
    const executions = Array.from({ length: changes }, () => this.#change(shardId));
    return shardCommit(shardId, rangeId, executions, { shardInfo, taskDeletes });
  }

  randomRun(shardId: number): ExecutionKey {
    return run(shardId, this.#random.oneOf(RUNS), this.#random.oneOf(WORKFLOWS));
  }

  #change(shardId: number): ExecutionMutation {
    const random = this.#random;
    const key = this.randomRun(shardId);
    const fits = random.chance(0.95);
    const exists = this.#tables.loadExecution(key) !== undefined;
    const fitting = !exists ? 'create' : random.chance(0.9) ? 'update' : 'delete';
    const kind = fits ? fitting : random.oneOf(['create', 'update', 'delete'] as const);
    const state = text(this.#value('state')) + (random.chance(0.02) ? 'x'.repeat(7000) : '');
    return mutation(kind, key, state, this.#extras(key, kind));
  }

  /** Runs of a workflow share its tree. */
  #extras(key: ExecutionKey, kind: ExecutionMutation['kind']): MutationExtras {
    const random = this.#random;
    const treeId = key.workflowId;
    const forked = [{ branchId: 'a', beginNodeId: 1, endNodeId: 4 }];
    const someBranch = () => branch(treeId, random.oneOf(BRANCHES), random.chance(0.5) ? forked : []);
    return {
      parts: random.some(2, () => ({
        kind: random.oneOf([PartKind.TIMER, PartKind.ACTIVITY]),
        key: random.oneOf(['1', '2']),
        data: random.chance(0.3) ? null : this.#value('part'),
      })),
      tasks: random.some(2, () => this.#task(key.shardId)),
      historyNodes: random.some(2, () =>
        node(treeId, random.oneOf(BRANCHES), 1 + random.below(6), `n${++this.#lastValue}`),
      ),
      newBranches: random.chance(0.3) ? [someBranch()] : [],
      deletedBranches: random.chance(kind === 'delete' ? 0.6 : 0.03) ? [someBranch()] : [],
      current: random.chance(0.35) ? this.#current(key) : undefined,
    };
  }

  #current({ shardId, namespaceId, workflowId, runId }: ExecutionKey): NonNullable<ExecutionMutation['current']> {
    const random = this.#random;
    const stored = this.#tables.loadCurrent(shardId, namespaceId, workflowId) as { runId: string } | undefined;
    const expectedRunId = random.chance(0.93) ? (stored?.runId ?? '') : random.oneOf(['', ...RUNS]);
    return { expectedRunId, row: random.chance(0.1) ? null : { runId, data: this.#value('current') } };
  }

  #task(shardId: number) {
    const category = this.#random.oneOf(CATEGORIES);
    const data = this.#value('task');
    const fireTimeMs = this.#level(shardId, category).fireTimeMs + this.#random.below(3);
    return { category, fireTimeMs, taskId: this.#lastValue, data };
  }

  /** From the last level on, as shards do it; what was not deleted then stays for ever. */
  #acknowledge(shardId: number, category: TaskCategory) {
    const from = this.#level(shardId, category);
    const fireTimeMs = from.fireTimeMs + this.#random.below(3);
    const to = { fireTimeMs, taskId: this.#lastValue + 1 };
    this.#levels.set(`${shardId}/${category}`, to);
    return { category, from, to };
  }

  #level(shardId: number, category: TaskCategory): TaskKey {
    return this.#levels.get(`${shardId}/${category}`) ?? FIRST;
  }

  #value(what: string): Uint8Array {
    return bytes(`${what} ${++this.#lastValue}`);
  }
}
