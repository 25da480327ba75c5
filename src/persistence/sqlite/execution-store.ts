// ExecutionStore on SQLite: one partition file, owned by one history thread, every answer given at once. A batch is one
// transaction and one fsync; the range id is checked inside it.

import type { DatabaseSync } from 'node:sqlite';
import { decodePageKey, encodePageKey } from '../execution-page-key.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  ExecutionMutation,
  ExecutionStore,
  HistoryNode,
  HistoryPage,
  LoadedExecution,
  PartKind,
  ReadHistory,
  ShardCommit,
  StoredTask,
  TaskCategory,
  TaskKey,
} from '../execution-store.ts';
import { currentDiffers, runExists, runMissing } from '../folded-commit.ts';
import { planBranchNodeDeletion } from '../shared-branch-nodes.ts';
import { ShardFencedError } from '../store-errors.ts';
import { prepareExecutionStatements } from './execution-statements.ts';
import { fromIdColumn, type IdColumn, toIdColumn } from './id-column.ts';
import { storeError } from './open-database.ts';
import { QueuedTasks } from './queued-tasks.ts';

type Row = Record<string, unknown>;

export class SqliteExecutionStore implements ExecutionStore {
  private readonly database: DatabaseSync;
  private readonly statements: ReturnType<typeof prepareExecutionStatements>;
  private readonly queuedTasks: QueuedTasks;
  private closed = false;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.statements = prepareExecutionStatements(database);
    this.queuedTasks = new QueuedTasks(database);
  }

  acquireShard(shardId: number, owner: string) {
    const row = this.attempt(`acquire shard ${shardId}`, () => this.statements.acquireShard.get(shardId, owner)) as Row;
    return { rangeId: row.range_id as number, shardInfo: (row.info ?? undefined) as Uint8Array | undefined };
  }

  commit(batch: readonly ShardCommit[]): void {
    this.attempt('commit', () => {
      this.statements.begin.run();
      try {
        for (const { shardId, rangeId } of batch) {
          if (this.statements.rangeId(shardId) !== rangeId) throw new ShardFencedError(shardId, rangeId);
        }
        for (const shardCommit of batch) this.writeShard(shardCommit);
        this.statements.commit.run();
      } catch (error) {
        if (this.database.isTransaction) this.statements.rollback.run();
        throw error;
      }
    });
  }

  /** Copies the pages of the log to the file: of a thousand, a commit has to do it. */
  rest(): void {
    this.attempt('checkpoint', () => this.database.exec('PRAGMA wal_checkpoint(PASSIVE)'));
  }

  loadExecution(key: ExecutionKey): LoadedExecution | undefined {
    return this.attempt(`load run ${key.runId}`, () => {
      const run = runColumns(key.shardId, key);
      const row = this.statements.state.get(...run);
      if (row === undefined) return undefined;
      const parts = this.statements.parts.all(...run).map((part: Row) => ({
        kind: part.kind as PartKind,
        key: part.part_key as string,
        data: part.data as Uint8Array,
      }));
      return { state: row.state as Uint8Array, parts };
    });
  }

  loadCurrent(shardId: number, namespaceId: string, workflowId: string): CurrentExecutionRow | undefined {
    return this.attempt(`load current run of ${workflowId}`, () => {
      const row = this.statements.current.get(toIdColumn(namespaceId), toIdColumn(workflowId), shardId);
      return row === undefined ? undefined : { runId: fromIdColumn(row.run_id), data: row.data as Uint8Array };
    });
  }

  readHistory(request: ReadHistory): HistoryPage {
    return this.attempt(`read history ${request.treeId}`, () => {
      const { shardId, treeId, limit, reverse } = request;
      const tree = toIdColumn(treeId);
      const statement = reverse ? this.statements.nodesBackward : this.statements.nodesForward;
      const nodes: HistoryNode[] = [];
      for (const { branchId, minNodeId, endNodeId } of reverse ? request.segments.toReversed() : request.segments) {
        const from = Math.max(minNodeId, request.minNodeId);
        const end = Math.min(endNodeId, request.endNodeId);
        if (from >= end) continue;
        // One more than asked for tells whether there are more.
        for (const row of statement.all(tree, toIdColumn(branchId), shardId, from, end, limit + 1 - nodes.length)) {
          nodes.push({ treeId, branchId, nodeId: row.node_id as number, data: row.data as Uint8Array });
        }
        if (nodes.length > limit) return { nodes: nodes.slice(0, limit), hasMore: true };
      }
      return { nodes, hasMore: false };
    });
  }

  listBranches(shardId: number, treeId: string): readonly BranchRow[] {
    return this.attempt(`list branches of ${treeId}`, () => this.branchesOf(shardId, treeId));
  }

  readTasks(shardId: number, category: TaskCategory, from: TaskKey, to: TaskKey, limit: number): readonly StoredTask[] {
    return this.attempt(`read tasks of shard ${shardId}`, () =>
      this.queuedTasks.read(shardId, category, from, to, limit),
    );
  }

  listExecutions(shardId: number, afterKey: string, limit: number) {
    return this.attempt(`list executions of shard ${shardId}`, () => {
      const after = decodePageKey(afterKey);
      const rows: Row[] = this.statements.executions.all(
        shardId,
        toIdColumn(after.runId),
        toIdColumn(after.namespaceId),
        toIdColumn(after.workflowId),
        limit + 1,
      );
      const executions = rows.slice(0, limit).map((row) => ({
        shardId,
        runId: fromIdColumn(row.run_id),
        namespaceId: fromIdColumn(row.namespace_id),
        workflowId: fromIdColumn(row.workflow_id),
        state: row.state as Uint8Array,
      }));
      const last = executions.at(-1);
      return { executions, nextKey: rows.length > limit && last !== undefined ? encodePageKey(last) : '' };
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.database.close();
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storeError(what, error);
    }
  }

  private writeShard(commit: ShardCommit): void {
    const { shardId } = commit;
    const statements = this.statements;
    for (const { category, from, to } of commit.taskDeletes) {
      this.queuedTasks.delete(shardId, category, from, to);
    }
    for (const mutation of commit.executions) this.writeMutation(shardId, mutation);
    this.queuedTasks.write(shardId, commit.executions);
    // Last, when all branches that still read shared nodes are known.
    for (const mutation of commit.executions) {
      for (const branch of mutation.deletedBranches) this.deleteBranch(shardId, branch);
    }
    if (commit.shardInfo !== undefined) statements.shardInfo.run(commit.shardInfo, shardId);
  }

  private writeMutation(shardId: number, mutation: ExecutionMutation): void {
    const statements = this.statements;
    const run = runColumns(shardId, mutation);
    switch (mutation.kind) {
      case 'create':
        if (statements.createState.run(...run, mutation.state).changes === 0) {
          throw runExists(mutation);
        }
        this.writeParts(run, mutation);
        break;
      case 'update':
        if (statements.updateState.run(mutation.state, ...run).changes === 0) {
          throw runMissing(mutation);
        }
        this.writeParts(run, mutation);
        break;
      case 'delete':
        statements.deleteState.run(...run);
        statements.deleteParts.run(...run);
        break;
    }
    for (const branch of mutation.newBranches) {
      statements.putBranch.run(...branchColumns(shardId, branch), branch.data);
    }
    for (const node of mutation.historyNodes) {
      statements.putNode.run(...branchColumns(shardId, node), node.nodeId, node.data);
    }
    if (mutation.current !== undefined) this.writeCurrent(shardId, mutation, mutation.current);
  }

  private writeParts(run: RunColumns, mutation: ExecutionMutation): void {
    for (const { kind, key, data } of mutation.parts) {
      if (data === null) this.statements.deletePart.run(...run, kind, key);
      else this.statements.putPart.run(...run, kind, key, data);
    }
  }

  private writeCurrent(
    shardId: number,
    { namespaceId, workflowId }: ExecutionMutation,
    { expectedRunId, row }: NonNullable<ExecutionMutation['current']>,
  ): void {
    const statements = this.statements;
    const workflow = [toIdColumn(namespaceId), toIdColumn(workflowId), shardId] as const;
    const expected = toIdColumn(expectedRunId);
    let matched: boolean;
    if (expectedRunId === '') {
      matched =
        row === null
          ? statements.current.get(...workflow) === undefined
          : statements.createCurrent.run(...workflow, toIdColumn(row.runId), row.data).changes === 1;
    } else if (row === null) {
      matched = statements.deleteCurrent.run(...workflow, expected).changes === 1;
    } else {
      matched = statements.updateCurrent.run(toIdColumn(row.runId), row.data, ...workflow, expected).changes === 1;
    }
    if (matched) return;
    const actual = statements.current.get(...workflow)?.run_id;
    throw currentDiffers(workflowId, expectedRunId, actual === undefined ? '' : fromIdColumn(actual));
  }

  private deleteBranch(shardId: number, branch: BranchRow): void {
    this.statements.deleteBranch.run(...branchColumns(shardId, branch));
    const remaining = this.branchesOf(shardId, branch.treeId);
    for (const { branchId, fromNodeId } of planBranchNodeDeletion(remaining, [branch])) {
      this.statements.deleteNodes.run(...branchColumns(shardId, { treeId: branch.treeId, branchId }), fromNodeId);
    }
  }

  private branchesOf(shardId: number, treeId: string): BranchRow[] {
    return this.statements.branches.all(toIdColumn(treeId), shardId).map((row: Row) => ({
      treeId,
      branchId: fromIdColumn(row.branch_id),
      data: row.data as Uint8Array,
    }));
  }
}

type RunColumns = readonly [runId: IdColumn, namespaceId: IdColumn, workflowId: IdColumn, shardId: number];

function runColumns(
  shardId: number,
  { runId, namespaceId, workflowId }: Pick<ExecutionKey, 'runId' | 'namespaceId' | 'workflowId'>,
): RunColumns {
  return [toIdColumn(runId), toIdColumn(namespaceId), toIdColumn(workflowId), shardId];
}

function branchColumns(shardId: number, { treeId, branchId }: Pick<BranchRow, 'treeId' | 'branchId'>) {
  return [toIdColumn(treeId), toIdColumn(branchId), shardId] as const;
}
