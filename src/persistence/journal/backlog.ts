// The entries of a journal that the tables do not have yet, and what they decide: which runs exist, which run of a workflow is current.
// One per journaled store, on its thread.

import { compositeKey } from '../composite-key.ts';
import type { ExecutionMutation, ShardCommit } from '../execution-store.ts';
import type { NewEntry } from './journal-backend.ts';

export interface BacklogEntry extends NewEntry {
  readonly taskDeletes: ShardCommit['taskDeletes'];
  /** When it was written. */
  readonly round: number;
  /** Of the entry's change, if it has one. */
  readonly keys: ChangedKeys | undefined;
}

/** What a change is about, as keys of maps. */
export interface ChangedKeys {
  /** Tells the runs of a workflow apart. */
  readonly run: string;
  readonly workflow: string;
  /** Undefined: the workflow's current run stays. */
  readonly currentRunId: string | undefined;
  /** Ids of history trees. */
  readonly trees: ReadonlySet<string>;
}

export class Backlog {
  #entries: BacklogEntry[] = [];
  /** Of each workflow that an entry changes. */
  readonly #workflows = new Map<string, BacklogEntry[]>();

  get length(): number {
    return this.#entries.length;
  }

  /** In the order in which they were written. */
  get entries(): readonly BacklogEntry[] {
    return this.#entries;
  }

  add(entry: BacklogEntry): void {
    this.#entries.push(entry);
    if (entry.keys === undefined) return;
    const others = this.#workflows.get(entry.keys.workflow);
    if (others === undefined) this.#workflows.set(entry.keys.workflow, [entry]);
    else others.push(entry);
  }

  remove(gone: ReadonlySet<BacklogEntry>): void {
    if (gone.size === 0) return;
    this.#entries = this.#entries.filter((entry) => !gone.has(entry));
    for (const { keys } of gone) {
      if (keys === undefined) continue;
      const left = this.#workflows.get(keys.workflow)?.filter((entry) => !gone.has(entry)) ?? [];
      if (left.length === 0) this.#workflows.delete(keys.workflow);
      else this.#workflows.set(keys.workflow, left);
    }
  }

  ofShard(shardId: number): BacklogEntry[] {
    return this.#entries.filter((entry) => entry.shardId === shardId);
  }

  ofWorkflow(workflow: string): readonly BacklogEntry[] {
    return this.#workflows.get(workflow) ?? [];
  }

  /** All of the workflows that have runs in the tree: what one run's branch is about, another's entry may have begun. */
  ofTree(shardId: number, treeId: string): BacklogEntry[] {
    const ofTree = this.#entries.filter((entry) => entry.shardId === shardId && entry.keys?.trees.has(treeId));
    const workflows = new Set(ofTree.map(({ keys }) => keys?.workflow));
    return this.#entries.filter(({ keys }) => keys !== undefined && workflows.has(keys.workflow));
  }

  /** Exists with certainty; entries delete nothing. */
  hasRun({ workflow, run }: ChangedKeys): boolean {
    return this.ofWorkflow(workflow).some(({ keys }) => keys?.run === run);
  }

  /** Undefined: the tables know. */
  currentRunOf(workflow: string): string | undefined {
    return this.ofWorkflow(workflow).findLast(({ keys }) => keys?.currentRunId !== undefined)?.keys?.currentRunId;
  }
}

export function changedKeys(shardId: number, change: ExecutionMutation): ChangedKeys {
  return {
    run: change.runId,
    workflow: workflowKeyOf(shardId, change.namespaceId, change.workflowId),
    currentRunId: change.current?.row?.runId,
    trees: new Set([...change.newBranches, ...change.historyNodes].map(({ treeId }) => treeId)),
  };
}

export function workflowKeyOf(shardId: number, namespaceId: string, workflowId: string): string {
  return compositeKey(shardId, namespaceId, workflowId);
}
