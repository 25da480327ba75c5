// ExecutionStore in memory: for tests and the simulator. A commit is checked as a whole and then applied as a whole.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import { encodePageKey } from '../execution-page-key.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  HistoryNode,
  HistoryPage,
  LoadedExecution,
  ReadHistory,
  ShardCommit,
  StoredTask,
  TaskCategory,
  TaskKey,
  WorkflowKey,
} from '../execution-store.ts';
import {
  currentDiffers,
  type FoldedBranch,
  type FoldedCommit,
  type FoldedRun,
  foldCommits,
  isTaskBefore,
  runExists,
  runMissing,
} from '../folded-commit.ts';
import type {
  AppliedEntries,
  EntryConditions,
  JournalBackend,
  JournalPosition,
  NewEntry,
  ShardJournal,
  StoredEntry,
} from '../journal/journal-backend.ts';
import { EntriesTakenError } from '../journal/journal-backend.ts';
import { planBranchNodeDeletion } from '../shared-branch-nodes.ts';
import { ShardFencedError } from '../store-errors.ts';
import type { FaultGate } from './fault-gate.ts';
import { copyBytes, lowerBound, type MemoryShard, type MemoryTables, type MemoryTree } from './schema.ts';

export class MemoryExecutionStore implements JournalBackend {
  private readonly tables: MemoryTables;
  private readonly gate: FaultGate;

  constructor(tables: MemoryTables, gate: FaultGate) {
    this.tables = tables;
    this.gate = gate;
  }

  acquireShard(shardId: number, owner: string) {
    return this.gate.perform('acquireShard', () => {
      const shard = this.tables.shards.get(shardId) ?? createShard();
      this.tables.shards.set(shardId, shard);
      shard.rangeId += 1;
      shard.owner = owner;
      return { rangeId: shard.rangeId, shardInfo: shard.shardInfo };
    });
  }

  commit(batch: readonly ShardCommit[], applied?: AppliedEntries): MaybePromise<void> {
    return this.gate.perform('commit', () => {
      const folded = foldCommits([...(applied?.commits ?? []), ...batch]);
      this.checkOwner(batch);
      const entries = applied?.entries.map((position) => this.entryAt(position)) ?? [];
      this.check(folded);
      this.apply(folded);
      for (const entry of entries) {
        const { journal } = this.shard(entry.shardId);
        journal.splice(journal.indexOf(entry), 1);
      }
    });
  }

  /** Called a commit by faults and delays: it is one to whoever waits for it. */
  appendEntries(entries: readonly NewEntry[]): MaybePromise<void> {
    return this.gate.perform('commit', () => {
      this.checkOwner(entries);
      for (const { shardId, conditions } of entries)
        if (conditions !== undefined) this.checkConditions(shardId, conditions);
      for (const { shardId, rangeId, sequence, data } of entries) {
        this.shard(shardId).journal.push({ shardId, rangeId, sequence, data: copyBytes(data) });
      }
    });
  }

  readJournal(shardId: number): MaybePromise<ShardJournal> {
    return this.gate.perform('readJournal', () => {
      const shard = this.tables.shards.get(shardId);
      return { entries: [...(shard?.journal ?? [])], shardInfo: shard?.shardInfo };
    });
  }

  loadExecution(key: ExecutionKey): MaybePromise<LoadedExecution | undefined> {
    return this.gate.perform('loadExecution', () => {
      const run = this.tables.shards.get(key.shardId)?.runs.get(encodePageKey(key));
      return run === undefined ? undefined : { state: run.state, parts: [...run.parts.values()] };
    });
  }

  loadCurrent(shardId: number, namespaceId: string, workflowId: string): MaybePromise<CurrentExecutionRow | undefined> {
    return this.gate.perform('loadCurrent', () =>
      this.tables.shards.get(shardId)?.currents.get(currentKey(namespaceId, workflowId)),
    );
  }

  listCurrentKeys(
    shardId: number,
    after: WorkflowKey | undefined,
    limit: number,
  ): MaybePromise<readonly WorkflowKey[]> {
    return this.gate.perform('listCurrentKeys', () => {
      const keys = [...(this.tables.shards.get(shardId)?.currents.keys() ?? [])].sort();
      const afterKey = after === undefined ? '' : currentKey(after.namespaceId, after.workflowId);
      return keys
        .filter((key) => key > afterKey)
        .slice(0, limit)
        .map(workflowKey);
    });
  }

  readHistory(request: ReadHistory): MaybePromise<HistoryPage> {
    return this.gate.perform('readHistory', () => {
      const tree = this.tables.shards.get(request.shardId)?.trees.get(request.treeId);
      const found: HistoryNode[] = [];
      for (const segment of request.segments) {
        const from = Math.max(segment.minNodeId, request.minNodeId);
        const end = Math.min(segment.endNodeId, request.endNodeId);
        const nodes = tree?.nodes.get(segment.branchId) ?? [];
        found.push(...nodes.filter((node) => node.nodeId >= from && node.nodeId < end));
      }
      if (request.reverse) found.reverse();
      return { nodes: found.slice(0, request.limit), hasMore: found.length > request.limit };
    });
  }

  listBranches(shardId: number, treeId: string): MaybePromise<readonly BranchRow[]> {
    return this.gate.perform('listBranches', () => [
      ...(this.tables.shards.get(shardId)?.trees.get(treeId)?.branches.values() ?? []),
    ]);
  }

  readTasks(
    shardId: number,
    category: TaskCategory,
    from: TaskKey,
    to: TaskKey,
    limit: number,
  ): MaybePromise<readonly StoredTask[]> {
    return this.gate.perform('readTasks', () => {
      const tasks = this.tables.shards.get(shardId)?.tasks.get(category) ?? [];
      const { start, end } = taskRange(tasks, from, to);
      return tasks.slice(start, Math.min(end, start + limit));
    });
  }

  listExecutions(shardId: number, afterKey: string, limit: number) {
    return this.gate.perform('listExecutions', () => {
      const runs = this.tables.shards.get(shardId)?.runs ?? new Map();
      const keys = [...runs.keys()].filter((key) => key > afterKey).sort();
      const page = keys.slice(0, limit);
      return {
        executions: page.map((key) => ({ ...runs.get(key)!.key, state: runs.get(key)!.state })),
        nextKey: keys.length > limit ? (page.at(-1) ?? '') : '',
      };
    });
  }

  close(): void {}

  private checkOwner(commits: readonly Pick<ShardCommit, 'shardId' | 'rangeId'>[]): void {
    for (const { shardId, rangeId } of commits) {
      if (this.tables.shards.get(shardId)?.rangeId !== rangeId) throw new ShardFencedError(shardId, rangeId);
    }
  }

  private entryAt({ shardId, rangeId, sequence }: JournalPosition): StoredEntry {
    const { journal } = this.shard(shardId);
    const found = journal.find((entry) => entry.rangeId === rangeId && entry.sequence === sequence);
    if (found === undefined) throw new EntriesTakenError();
    return found;
  }

  private checkConditions(shardId: number, { key, run, currentRunId }: EntryConditions): void {
    const ofRun = { key: { ...key, shardId }, state: null, clearParts: false, parts: new Map() };
    this.check({
      runs: run === undefined ? [] : [{ ...ofRun, expected: run }],
      currents: currentRunId === undefined ? [] : [{ ...key, shardId, expectedRunId: currentRunId, row: null }],
    });
  }

  private check(folded: Pick<FoldedCommit, 'runs' | 'currents'>): void {
    for (const run of folded.runs) {
      const exists = this.shard(run.key.shardId).runs.has(encodePageKey(run.key));
      if (run.expected === 'absent' && exists) throw runExists(run.key);
      if (run.expected === 'present' && !exists) throw runMissing(run.key);
    }
    for (const { shardId, namespaceId, workflowId, expectedRunId } of folded.currents) {
      const actual = this.shard(shardId).currents.get(currentKey(namespaceId, workflowId))?.runId ?? '';
      if (actual !== expectedRunId) throw currentDiffers(workflowId, expectedRunId, actual);
    }
  }

  private apply(folded: FoldedCommit): void {
    for (const { shardId, shardInfo } of folded.shards) {
      if (shardInfo !== undefined) this.shard(shardId).shardInfo = copyBytes(shardInfo);
    }
    for (const run of folded.runs) applyRun(this.shard(run.key.shardId), run);
    for (const { shardId, namespaceId, workflowId, row } of folded.currents) {
      const key = currentKey(namespaceId, workflowId);
      if (row === null) this.shard(shardId).currents.delete(key);
      else this.shard(shardId).currents.set(key, { runId: row.runId, data: copyBytes(row.data) });
    }
    for (const { shardId, ...node } of folded.nodes) putNode(treeOf(this.shard(shardId), node.treeId), node);
    this.applyBranches(folded.branches);
    for (const { shardId, category, from, to } of folded.taskDeletes) {
      const tasks = this.shard(shardId).tasks.get(category) ?? [];
      const { start, end } = taskRange(tasks, from, to);
      tasks.splice(start, end - start);
    }
    for (const { shardId, category, fireTimeMs, taskId, data } of folded.tasks) {
      insertTask(this.shard(shardId), category, { fireTimeMs, taskId, data: copyBytes(data) });
    }
  }

  private applyBranches(branches: readonly FoldedBranch[]): void {
    for (const { shardId, row, deleted } of branches) {
      const tree = treeOf(this.shard(shardId), row.treeId);
      if (deleted) tree.branches.delete(row.branchId);
      else tree.branches.set(row.branchId, { ...row, data: copyBytes(row.data) });
    }
    for (const { shardId, row, deleted } of branches) {
      if (!deleted) continue;
      const { trees } = this.shard(shardId);
      const tree = treeOf(this.shard(shardId), row.treeId);
      for (const { branchId, fromNodeId } of planBranchNodeDeletion([...tree.branches.values()], [row])) {
        const kept = (tree.nodes.get(branchId) ?? []).filter((node) => node.nodeId < fromNodeId);
        if (kept.length === 0) tree.nodes.delete(branchId);
        else tree.nodes.set(branchId, kept);
      }
      if (tree.branches.size === 0 && tree.nodes.size === 0) trees.delete(row.treeId);
    }
  }

  private shard(shardId: number): MemoryShard {
    return this.tables.shards.get(shardId)!; // whoever calls has checked its owner or acquired it
  }
}

function applyRun(shard: MemoryShard, run: FoldedRun): void {
  const key = encodePageKey(run.key);
  if (run.state === null) {
    shard.runs.delete(key);
    return;
  }
  let stored = shard.runs.get(key);
  if (stored === undefined) {
    stored = { key: { ...run.key }, state: run.state, parts: new Map() };
    shard.runs.set(key, stored);
  }
  stored.state = copyBytes(run.state);
  if (run.clearParts) stored.parts.clear();
  for (const [partKey, part] of run.parts) {
    if (part.data === null) stored.parts.delete(partKey);
    else stored.parts.set(partKey, { kind: part.kind, key: part.key, data: copyBytes(part.data) });
  }
}

function createShard(): MemoryShard {
  return {
    rangeId: 0,
    owner: '',
    shardInfo: undefined,
    runs: new Map(),
    currents: new Map(),
    trees: new Map(),
    tasks: new Map(),
    journal: [],
  };
}

function treeOf(shard: MemoryShard, treeId: string): MemoryTree {
  let tree = shard.trees.get(treeId);
  if (tree === undefined) {
    tree = { branches: new Map(), nodes: new Map() };
    shard.trees.set(treeId, tree);
  }
  return tree;
}

function putNode(tree: MemoryTree, node: HistoryNode): void {
  let nodes = tree.nodes.get(node.branchId);
  if (nodes === undefined) {
    nodes = [];
    tree.nodes.set(node.branchId, nodes);
  }
  const index = lowerBound(nodes, (other) => other.nodeId < node.nodeId);
  const replaced = nodes[index]?.nodeId === node.nodeId ? 1 : 0;
  nodes.splice(index, replaced, { ...node, data: copyBytes(node.data) });
}

function insertTask(shard: MemoryShard, category: TaskCategory, task: StoredTask): void {
  let tasks = shard.tasks.get(category);
  if (tasks === undefined) {
    tasks = [];
    shard.tasks.set(category, tasks);
  }
  const index = lowerBound(tasks, (other) => isTaskBefore(other, task));
  const found = tasks[index];
  const replaced = found?.taskId === task.taskId && found.fireTimeMs === task.fireTimeMs ? 1 : 0;
  tasks.splice(index, replaced, task);
}

function taskRange(tasks: readonly StoredTask[], from: TaskKey, to: TaskKey): { start: number; end: number } {
  const start = lowerBound(tasks, (task) => isTaskBefore(task, from));
  return {
    start,
    end: Math.max(
      start,
      lowerBound(tasks, (task) => isTaskBefore(task, to)),
    ),
  };
}

function currentKey(namespaceId: string, workflowId: string): string {
  return JSON.stringify([namespaceId, workflowId]);
}

function workflowKey(key: string): WorkflowKey {
  const [namespaceId, workflowId] = JSON.parse(key) as [string, string];
  return { namespaceId, workflowId };
}
