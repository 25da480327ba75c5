// Looks at the tables after every write: histories only grow, event ids have no gap, at most one run of a workflow id is open,
// and the current-run row names it (I4). Sees also writes whose answer got lost.

import { History } from '#proto/temporal/api/history/v1';
import { encodePageKey } from '../../src/persistence/execution-page-key.ts';
import type { ExecutionMutation, ExecutionStore, ShardCommit } from '../../src/persistence/index.ts';
import type { AppliedEntries, JournalBackend } from '../../src/persistence/journal/journal-backend.ts';
import type { MemoryTables } from '../../src/persistence/memory/schema.ts';
import { isOpenRow } from './oracles.ts';

interface BranchSeen {
  readonly batches: Map<number, Uint8Array>;
  endEventId: number;
}

const MAX_PROBLEMS = 20;

export class CommitWatch {
  readonly problems: string[] = [];
  readonly #tables: MemoryTables;
  readonly #branches = new Map<string, BranchSeen>();
  /** Open runs by namespace and workflow id. */
  readonly #open = new Map<string, Set<string>>();
  commits = 0;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  watched<Store extends ExecutionStore>(store: Store): Store {
    const looked = (batch: readonly ShardCommit[]): void => {
      // First all, then what must be true of all together: a run may end in the write that begins the next.
      for (const { shardId, executions } of batch) for (const mutation of executions) this.#look(shardId, mutation);
      for (const { shardId, executions } of batch) for (const mutation of executions) this.#check(shardId, mutation);
    };
    return new Proxy(store, {
      get: (target, property) => {
        if (property !== 'commit') {
          const member = Reflect.get(target, property) as unknown;
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return (batch: readonly ShardCommit[], applied?: AppliedEntries) => {
          this.commits++;
          const written = [...(applied?.commits ?? []), ...batch];
          try {
            const writing = (target as ExecutionStore & Pick<JournalBackend, 'commit'>).commit(batch, applied);
            if (writing instanceof Promise) return writing.finally(() => looked(written));
            looked(written);
          } catch (error) {
            looked(written);
            throw error;
          }
        };
      },
    });
  }

  #look(shardId: number, { namespaceId, workflowId, runId }: ExecutionMutation): void {
    const shard = this.#tables.shards.get(shardId);
    const key = `${namespaceId}/${workflowId}`;
    const open = this.#open.get(key) ?? new Set();
    this.#open.set(key, open);
    open.add(runId);
    // Each of them anew: the write that ended one may have been its process's last.
    for (const each of open) {
      const stored = shard?.runs.get(encodePageKey({ namespaceId, workflowId, runId: each }));
      if (stored === undefined || !isOpenRow(stored)) open.delete(each);
    }
  }

  #check(shardId: number, { namespaceId, workflowId, historyNodes }: ExecutionMutation): void {
    const shard = this.#tables.shards.get(shardId);
    const open = this.#open.get(`${namespaceId}/${workflowId}`) ?? new Set();
    if (open.size > 1) this.#complain(`${workflowId} has ${open.size} open runs: ${[...open].join(', ')}`);
    if (open.size === 1) {
      const current = shard?.currents.get(JSON.stringify([namespaceId, workflowId]))?.runId;
      if (!open.has(current ?? ''))
        this.#complain(`${workflowId} has run ${[...open][0]} open, its current run is ${current}`);
    }
    for (const { treeId, branchId } of historyNodes) this.#lookAtBranch(shardId, workflowId, treeId, branchId);
  }

  #lookAtBranch(shardId: number, workflowId: string, treeId: string, branchId: string): void {
    const nodes = this.#tables.shards.get(shardId)?.trees.get(treeId)?.nodes.get(branchId);
    if (nodes === undefined) return;
    const key = `${treeId}/${branchId}`;
    const seen = this.#branches.get(key) ?? { batches: new Map<number, Uint8Array>(), endEventId: 0 };
    this.#branches.set(key, seen);
    for (const { nodeId, data } of nodes) {
      const before = seen.batches.get(nodeId);
      if (before !== undefined) {
        if (before !== data && Buffer.compare(before, data) !== 0) {
          this.#complain(`${workflowId}: events from ${nodeId} on were written again and differ`);
        }
        continue;
      }
      const { events } = History.decode(data);
      if (seen.endEventId !== 0 && nodeId !== seen.endEventId) {
        this.#complain(`${workflowId}: events from ${nodeId} on were written, ${seen.endEventId} is next`);
      }
      events.forEach((event, index) => {
        if (event.eventId !== nodeId + index)
          this.#complain(`${workflowId}: batch ${nodeId} holds event ${event.eventId}`);
      });
      seen.batches.set(nodeId, data);
      seen.endEventId = nodeId + events.length;
    }
  }

  #complain(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS && !this.problems.includes(problem)) this.problems.push(problem);
  }
}
